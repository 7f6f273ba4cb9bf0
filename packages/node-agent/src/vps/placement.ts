/** What the agent keeps on disk of one VPS, and what follows from it. */

import { macSchema } from "@muster/model/address";
import { vpsIdSchema } from "@muster/model/ids";
import { guestInitSchema } from "@muster/model/node";
import type { PlacementStatus } from "@muster/model/vps";
import { vpsSpecSchema } from "@muster/model/vps";
import { z } from "zod";
import type { VpsPlan } from "../engine/ports.ts";

/** As agents of protocol 1 wrote it: the four limits that there were, beside the name. */
const oldSpecSchema = z.object({
  name: z.string(),
  template: z.string(),
  address: z.string(),
  cpuCores: z.number(),
  memoryBytes: z.number(),
  diskBytes: z.number(),
  pidsMax: z.number(),
});

function withLimits(spec: unknown): unknown {
  const old = oldSpecSchema.safeParse(spec);
  if (!old.success) return spec;
  const { name, template, address, cpuCores, memoryBytes, diskBytes, pidsMax } = old.data;
  const limits = { "cpu.cores": cpuCores, "memory.max": memoryBytes, "disk.max": diskBytes, "pids.max": pidsMax };
  return { name, template, address, limits };
}

/**
 * Whether it runs is not recorded: /proc knows, and a record could only disagree with it.
 * `creating` and `deleting` found at a start are work that a crash interrupted (recover.ts).
 */
export const placementSchema = z.object({
  vpsId: vpsIdSchema,
  epoch: z.number().int().positive(),
  generation: z.number().int().positive(),
  spec: z.preprocess(withLimits, vpsSpecSchema),
  mac: macSchema,
  init: guestInitSchema,
  idBase: z.number().int().positive(),
  phase: z.enum(["creating", "made", "deleting"]),
});
export type Placement = z.infer<typeof placementSchema>;

export function planOf(placement: Placement): VpsPlan {
  const { name, template, address, limits } = placement.spec;
  return {
    vpsId: placement.vpsId,
    hostname: name,
    templateName: template,
    init: placement.init,
    idBase: placement.idBase,
    address,
    mac: placement.mac,
    limits,
  };
}

/** A run of a VPS, as samplers and terminals need it. */
export interface Run {
  plan: VpsPlan;
  pid: number;
  startedAtMs: number;
}

export type StatusFacts = Pick<PlacementStatus, "state" | "reason" | "startedAtMs" | "diskUsedBytes">;
