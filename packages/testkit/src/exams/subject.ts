/** What one trial of an exam is about: a VPS, a template or a node with a name and an address that nothing else has. */
import type { Fleet } from "@muster/control/fleet";
import { type LimitsChange, limitsWith } from "@muster/model/limits/registry";
import { GIB, MIB } from "@muster/model/units";
import type { VpsSpec } from "@muster/model/vps";
import { z } from "zod";
import { eventually } from "../fleet.ts";

/** Plain data: it travels to a server in another process. */
export const subjectSchema = z.object({
  /** Empty while its machine has not joined. */
  nodeId: z.string(),
  nodeName: z.string(),
  agentAddress: z.string(),
  /** With which its machine may join. */
  token: z.string(),
  name: z.string(),
  address: z.string(),
  /** Null until it is made. */
  vpsId: z.string().nullable(),
});
export type Subject = z.infer<typeof subjectSchema>;

export const EXAMINER = "ada@example.org";

export const SMALL: LimitsChange = { "cpu.cores": 0.5, "memory.max": 64 * MIB, "disk.max": GIB, "pids.max": 128 };

export function specOf({ name, address }: Subject): VpsSpec {
  return { name, template: "busybox", address, limits: limitsWith(SMALL) };
}

/** The VPS that a trial is about; a trial that has none is written wrongly. */
export function vpsOf({ vpsId, name }: Subject): string {
  if (vpsId === null) throw new Error(`${name} has not been made`);
  return vpsId;
}

const HEARD_WITHIN_MS = 30_000;

/** A node that nobody has heard of for five seconds is asked for nothing; on a busy machine that may happen to any. */
export async function heard(fleet: Fleet, { nodeId }: Subject): Promise<void> {
  if (nodeId === "") return; // its machine has not joined
  await eventually(
    `node ${nodeId} is heard`,
    async () => (await fleet.nodes.get(nodeId)).health === "healthy",
    HEARD_WITHIN_MS,
  );
}

/** The machine that joins: it starts its agent under this id, and returns its certificate. */
export type Boot = (nodeId: string) => Promise<string>;

export interface Asked {
  jobId: string;
  vpsId?: string;
}

export type Request = (fleet: Fleet, subject: Subject, boot: Boot) => Promise<Asked>;
