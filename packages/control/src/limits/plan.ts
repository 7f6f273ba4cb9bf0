/**
 * Whether a change of limits may be, and what it makes of a VPS. It does nothing: the form's preview and the
 * transaction that writes the job down ask it alike, so they cannot say different things.
 */
import { MusterError } from "@muster/model/errors";
import type { Shares } from "@muster/model/limits/overcommit";
import {
  changedLimits,
  differingLimits,
  LIMITS,
  type LimitName,
  type Limits,
  type LimitsChange,
} from "@muster/model/limits/registry";
import { limitFinding } from "@muster/model/node";
import type { Vps } from "@muster/model/vps";
import type { NodeFacts } from "../placement/facts-store.ts";
import { growthOfShares, refuseOvercommit, sharesOf, sumOfShares } from "../placement/shares.ts";
import { checkAllowed } from "../vps/allowed.ts";

export interface PlannedChange {
  limits: Limits;
  names: LimitName[];
  growth: Shares;
}

/** What the VPS would have; nothing is asked of the node. */
export function wantedChange(vps: Pick<Vps, "spec">, change: LimitsChange): PlannedChange {
  const before = vps.spec.limits;
  const limits = changedLimits(before, change);
  const growth = growthOfShares(sharesOf(before), sharesOf(limits));
  return { limits, growth, names: differingLimits(before, limits) };
}

/**
 * As planChange, for one after the other of a node: what is promised to one is promised to none of those after it,
 * and what one gives back is free only when its job has ended.
 */
export function planNext(vps: Vps, change: LimitsChange, node: NodeFacts): PlannedChange {
  const planned = planChange(vps, change, node);
  const { cpu, memory, disk } = planned.growth;
  const taken = { cpu: Math.max(0, cpu), memory: Math.max(0, memory), disk: Math.max(0, disk) };
  node.promised = sumOfShares(node.promised, taken);
  return planned;
}

/** busy, state_conflict, node_unreachable, invalid_input (nothing differs), unsupported, overcommitted */
function planChange(vps: Vps, change: LimitsChange, node: NodeFacts): PlannedChange {
  checkAllowed(vps, "vps.setLimits");
  const planned = wantedChange(vps, change);
  if (planned.names.length === 0) throw new MusterError("invalid_input", `${vps.spec.name} has these limits already.`);
  refuseUnsupported(planned, node);
  refuseOvercommit(node, planned.growth);
  return planned;
}

/** The value of a VPS that nobody limited asks nothing of a node, so it can always be gone back to. */
export function refuseUnsupported(wanted: { limits: Limits; names: readonly LimitName[] }, node: NodeFacts): void {
  const { limits, names } = wanted;
  for (const name of names) {
    const { initial, title } = LIMITS[name];
    if (JSON.stringify(limits[name]) === JSON.stringify(initial)) continue;
    const { available, detail } = limitFinding(node, name);
    if (!available) {
      throw new MusterError("unsupported", `${title} cannot be set on ${node.nodeName}: ${detail}`, { field: name });
    }
  }
}
