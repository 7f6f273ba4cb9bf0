/**
 * What a node has for its VPSs, and whether its policy lets it promise more of it. One rule for all that makes a
 * promise grow: a create, a change of limits, the end of a timed one.
 */
import { MusterError } from "@muster/model/errors";
import { shareOf } from "@muster/model/limits/headroom";
import { type SharedResource, sharedResourceSchema } from "@muster/model/limits/limit";
import { formatShare, type Overcommit, promisable, type Shares } from "@muster/model/limits/overcommit";
import type { LimitName, Limits } from "@muster/model/limits/registry";

/** Left to the node itself: kernel, agent, page cache of the templates. */
const MEMORY_RESERVE = 0.05;

/** Sums of fractions of cores are off by a little: 0.1 + 0.2. */
const ROUNDING = 1e-9;

/** Null while the node has not said what it is made of. A node without a pool has no disk for VPSs. */
export function capacityOf(node: {
  cores: number | null;
  memoryBytes: number | null;
  poolBytes: number | null;
}): Shares | null {
  if (node.cores === null || node.memoryBytes === null) return null;
  return {
    cpu: node.cores,
    memory: Math.floor(node.memoryBytes * (1 - MEMORY_RESERVE)),
    disk: node.poolBytes ?? 0,
  };
}

function eachShare(of: (resource: SharedResource) => number): Shares {
  return { cpu: of("cpu"), memory: of("memory"), disk: of("disk") };
}

/** What a VPS with such limits is promised. */
export const sharesOf = (limits: Limits): Shares => eachShare((resource) => shareOf(resource, limits));
export const sumOfShares = (one: Shares, other: Shares): Shares => eachShare((name) => one[name] + other[name]);
export const growthOfShares = (before: Shares, after: Shares): Shares =>
  eachShare((name) => after[name] - before[name]);

export interface Promises {
  nodeName: string;
  capacity: Shares;
  overcommit: Overcommit;
  promised: Shares;
}

const WORD = { cpu: "", memory: " of memory", disk: " of disk" } as const satisfies Record<SharedResource, string>;

/** Only what grows is asked about: a node that has promised too much already may still be relieved. */
export function refuseOvercommit(node: Promises, growth: Shares): void {
  for (const resource of sharedResourceSchema.options) {
    if (growth[resource] <= 0) continue;
    const ratio = node.overcommit[resource];
    const most = promisable(node.capacity[resource], ratio);
    const left = Math.max(0, most - node.promised[resource]);
    if (growth[resource] <= left + ROUNDING) continue;
    const has = formatShare(resource, node.capacity[resource]);
    const policy = ratio === null ? "over-commit is off" : `${ratio} times its ${has}`;
    throw new MusterError(
      "overcommitted",
      `${node.nodeName} has ${formatShare(resource, left)}${WORD[resource]} left of ${formatShare(resource, most)} ` +
        `for VPSs (${policy}); this takes ${formatShare(resource, growth[resource])} more.`,
      { field: LIMIT_OF_SHARE[resource] },
    );
  }
}

const LIMIT_OF_SHARE = { cpu: "cpu.cores", memory: "memory.max", disk: "disk.max" } as const satisfies Record<
  SharedResource,
  LimitName
>;
