/**
 * What a change of limits means for its node: how much of it would be promised, and which neighbours would be left
 * with less than they use now. Processor time is divided as the kernel divides it among those that are all busy: by
 * weight, nobody above its own quota, and what one cannot use goes to the others. Memory and disk are not divided: they
 * run out, and then whoever uses most has most to lose.
 */
import { weightOf } from "./cpu-weight.ts";
import { type SharedResource, sharedResourceSchema } from "./limit.ts";
import { formatShare, type Overcommit, promisable, type Shares } from "./overcommit.ts";
import type { Headroom, Pressed } from "./preview.ts";
import { LIMIT_NAMES, LIMITS, type Limits } from "./registry.ts";

/** A VPS of the node, with what it really uses now; null where that is not known. */
export interface Tenant {
  vpsId: string;
  name: string;
  running: boolean;
  limits: Limits;
  use: { [Resource in SharedResource]: number | null };
}

export interface NodeSight {
  capacity: Shares;
  overcommit: Overcommit;
  promised: Shares;
  tenants: readonly Tenant[];
}

/** The limits that some of the tenants would have, by their ids. */
export type Changes = ReadonlyMap<string, Limits>;

/** What of a resource such limits promise. */
export function shareOf(resource: SharedResource, limits: Limits): number {
  let sum = 0;
  for (const name of LIMIT_NAMES) {
    const value = limits[name];
    if (LIMITS[name].shares === resource && typeof value === "number") sum += value;
  }
  return sum;
}

function growthOf(resource: SharedResource, { tenants }: NodeSight, changes: Changes): number {
  let growth = 0;
  for (const { vpsId, limits } of tenants) {
    const after = changes.get(vpsId);
    if (after !== undefined) growth += shareOf(resource, after) - shareOf(resource, limits);
  }
  return growth;
}

/** Null when of one of them it is not known: half a sum is no sum. A stopped one uses no processor and no memory. */
function usedOf(resource: SharedResource, { tenants }: NodeSight): number | null {
  let sum = 0;
  for (const { running, use } of tenants) {
    const used = running || resource === "disk" ? use[resource] : 0;
    if (used === null) return null;
    sum += used;
  }
  return sum;
}

export function headroomOf(node: NodeSight, changes: Changes): Headroom[] {
  return sharedResourceSchema.options.map((resource) => ({
    resource,
    capacity: node.capacity[resource],
    promisable: promisable(node.capacity[resource], node.overcommit[resource]),
    promisedBefore: node.promised[resource],
    promisedAfter: Math.max(0, node.promised[resource] + growthOf(resource, node, changes)),
    used: usedOf(resource, node),
  }));
}

export function pressedBy(node: NodeSight, changes: Changes): Pressed[] {
  return [
    ...pressedForCpu(node, changes),
    ...pressedForSpace("memory", node, changes),
    ...pressedForSpace("disk", node, changes),
  ];
}

export interface Claim {
  id: string;
  weight: number;
  /** It can use no more. */
  most: number;
}

/** Divides by weight; what is above a claim's most goes to the others, round by round. */
export function dividedByWeight(capacity: number, claims: readonly Claim[]): Map<string, number> {
  const shares = new Map<string, number>();
  let left = capacity;
  let open = [...claims];
  while (open.length > 0) {
    const weights = open.reduce((sum, { weight }) => sum + weight, 0);
    const per = left / weights;
    const full = open.filter(({ weight, most }) => most <= weight * per);
    if (full.length === 0) {
      for (const { id, weight } of open) shares.set(id, weight * per);
      return shares;
    }
    for (const { id, most } of full) {
      shares.set(id, most);
      left = Math.max(0, left - most);
    }
    open = open.filter((claim) => !full.includes(claim));
  }
  return shares;
}

/** A measured rate trembles; a hundredth of a core is nobody's loss. */
const TREMOR_CORES = 0.01;

function pressedForCpu(node: NodeSight, changes: Changes): Pressed[] {
  const running = node.tenants.filter((tenant) => tenant.running);
  const divided = (limitsOf: (tenant: Tenant) => Limits) =>
    dividedByWeight(
      node.capacity.cpu,
      running.map((tenant) => {
        const limits = limitsOf(tenant);
        return { id: tenant.vpsId, weight: weightOf(limits), most: limits["cpu.cores"] };
      }),
    );
  const before = divided(({ limits }) => limits);
  const after = divided(({ vpsId, limits }) => changes.get(vpsId) ?? limits);
  return running.flatMap(({ vpsId, name, use }) => {
    const left = after.get(vpsId) ?? 0;
    const had = before.get(vpsId) ?? 0;
    if (changes.has(vpsId) || use.cpu === null) return [];
    if (left >= use.cpu - TREMOR_CORES || had < use.cpu - TREMOR_CORES) return [];
    const reason = `It uses ${formatShare("cpu", use.cpu)}; when all are busy it is left with ${formatShare("cpu", left)}.`;
    return [{ vpsId, name, resource: "cpu" as const, reason }];
  });
}

/** Those that use most, until together they use what would be missing. */
function pressedForSpace(resource: "memory" | "disk", node: NodeSight, changes: Changes): Pressed[] {
  const growth = growthOf(resource, node, changes);
  const used = usedOf(resource, node);
  if (growth <= 0 || used === null || node.promised[resource] + growth <= node.capacity[resource]) return [];
  const free = Math.max(0, node.capacity[resource] - used);
  let missing = growth - free;
  const pressed: Pressed[] = [];
  const neighbours = node.tenants
    .filter(({ vpsId, running }) => !changes.has(vpsId) && (running || resource === "disk"))
    .map(({ vpsId, name, use }) => ({ vpsId, name, used: use[resource] ?? 0 }))
    .sort((one, other) => other.used - one.used);
  for (const { vpsId, name, used: own } of neighbours) {
    if (missing <= 0 || own === 0) break;
    missing -= own;
    const reason =
      `It uses ${formatShare(resource, own)}; the node has ${formatShare(resource, free)} left in fact, ` +
      `and ${formatShare(resource, growth)} more would be promised.`;
    pressed.push({ vpsId, name, resource, reason });
  }
  return pressed;
}
