import { MusterError } from "@muster/model/errors";
import type { VpsId } from "@muster/model/ids";
import type { Limits } from "@muster/model/limits/registry";
import { formatBytes } from "@muster/model/units";
import type { Cgroups } from "../engine/ports.ts";
import { heldMemory } from "../samplers/held-memory.ts";
import { findFile, type LimitDriver } from "./driver.ts";

const V1_LIMIT = { controller: "memory", name: "memory.limit_in_bytes" } as const;
const V1_USAGE = { controller: "memory", name: "memory.usage_in_bytes" } as const;
/** Memory and swap together: may never be below the memory alone. */
export const V1_BOTH = { controller: "memory", name: "memory.memsw.limit_in_bytes" } as const;
const V2_MAX = { controller: "memory", name: "memory.max" } as const;
const V2_USAGE = { controller: "memory", name: "memory.current" } as const;
export const V2_SWAP = { controller: "memory", name: "memory.swap.max" } as const;
const V2_SWAP_USAGE = { controller: "memory", name: "memory.swap.current" } as const;
const STAT = { controller: "memory", name: "memory.stat" } as const;

/** cgroup-v1/memory.rst; cgroup-v2.rst, memory.max */
export const memoryMaxDriver: LimitDriver<number> = {
  place: "cgroup",
  probe: ({ cgroups }) =>
    findFile(
      cgroups,
      cgroups.layout === "v2" ? V2_MAX : V1_LIMIT,
      "the host has to boot with cgroup_enable=memory on a kernel with CONFIG_MEMCG",
    ),
  /**
   * v2 would make room by ending processes (memory.max: "the OOM killer is invoked"), v1 refuses with EBUSY after having
   * tried: neither is asked to.
   */
  check: async ({ cgroups }, { vpsId, limits }) => {
    if (cgroups.layout === "v2") return mustFitV2(cgroups, vpsId, limits);
    const held = await holds(cgroups, vpsId);
    if (held > limits["memory.max"] + limits["memory.swap"]) throw belowUse(limits["memory.max"], held);
  },
  apply: async ({ cgroups }, { vpsId, limits }) => {
    const bytes = limits["memory.max"];
    if (cgroups.layout === "v2") return applyV2(cgroups, vpsId, limits);
    // Lifted out of the way; memory.swap follows this limit and puts it where it belongs.
    if (await cgroups.offers(V1_BOTH)) await cgroups.write(vpsId, V1_BOTH, "-1");
    try {
      await cgroups.write(vpsId, V1_LIMIT, String(bytes));
    } catch (error) {
      if (!isBusy(error)) throw error;
      throw belowUse(bytes, await holds(cgroups, vpsId), error);
    }
  },
  read: async ({ cgroups }, { vpsId }) =>
    Number(await cgroups.read(vpsId, cgroups.layout === "v2" ? V2_MAX : V1_LIMIT)),
};

/** More swap comes before less memory: what has no place in the one any more can go to the other. */
async function applyV2(cgroups: Cgroups, vpsId: VpsId, limits: Limits): Promise<void> {
  if (limits["memory.swap"] > 0 && limits["memory.swap"] > (await swapMax(cgroups, vpsId))) {
    await cgroups.write(vpsId, V2_SWAP, String(limits["memory.swap"]));
  }
  // Looked at again: the guest goes on between the check and this.
  await mustFitV2(cgroups, vpsId, limits);
  await cgroups.write(vpsId, V2_MAX, String(limits["memory.max"]));
}

async function mustFitV2(cgroups: Cgroups, vpsId: VpsId, limits: Limits): Promise<void> {
  const held = await holds(cgroups, vpsId);
  if (held <= limits["memory.max"]) return;
  if (held > limits["memory.max"] + (await freeSwap(cgroups, vpsId, limits)))
    throw belowUse(limits["memory.max"], held);
}

/** Of what it may have, now or after the change, and of what the host has at all. */
async function freeSwap(cgroups: Cgroups, vpsId: VpsId, limits: Limits): Promise<number> {
  const { swapBytes } = await cgroups.divided();
  if (swapBytes === 0 || !(await cgroups.offers(V2_SWAP))) return 0;
  const most = Math.min(swapBytes, Math.max(limits["memory.swap"], await swapMax(cgroups, vpsId)));
  return Math.max(0, most - Number(await cgroups.read(vpsId, V2_SWAP_USAGE)));
}

async function swapMax(cgroups: Cgroups, vpsId: VpsId): Promise<number> {
  const text = await cgroups.read(vpsId, V2_SWAP);
  return text === "max" ? Number.POSITIVE_INFINITY : Number(text);
}

async function holds(cgroups: Cgroups, vpsId: VpsId): Promise<number> {
  const { layout } = cgroups;
  const usage = await cgroups.read(vpsId, layout === "v2" ? V2_USAGE : V1_USAGE);
  return heldMemory(layout, { usage, stat: await cgroups.read(vpsId, STAT) });
}

function isBusy(error: unknown): boolean {
  const cause = error instanceof MusterError ? error.cause : null;
  return cause instanceof Error && "code" in cause && cause.code === "EBUSY";
}

function belowUse(bytes: number, held: number, cause?: unknown): MusterError {
  const message = `It holds ${formatBytes(held)} of memory now; ${formatBytes(bytes)} were asked for.`;
  return new MusterError("below_use", message, { field: "limits.memory.max", cause });
}
