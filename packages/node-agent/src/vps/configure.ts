/**
 * configureVps: a newer spec on a VPS that runs or is stopped. The kernel comes first; the journal then takes the new
 * spec and the answer in one line, or the kernel is given back what it had. What a crash leaves between the two is put
 * back at the next start of the agent (recover.ts), and the same key asks again. A VPS that could not be put back whole
 * is remembered (desk.unsure): the next spec, the old one included, is then written without regard to the journal.
 */
import type { ConfigureVps } from "@muster/agent-api/agent";
import { MusterError } from "@muster/model/errors";
import type { PlacementStatus, VpsSpec } from "@muster/model/vps";
import type { LimitPlace } from "../limits/driver.ts";
import { ALL_PLACES } from "../limits/limiter.ts";
import { afterRollBack, failuresOf, isHalfDone } from "../roll-back.ts";
import { type Desk, lookAtMine, placementOrThrow, raiseEpoch, refuseStale } from "./desk.ts";
import type { Done } from "./keyed.ts";
import { type Placement, planOf } from "./placement.ts";

/** Of a stopped VPS only the private area is there. */
export const STOPPED_PLACES: readonly LimitPlace[] = ["area"];

export async function configureVps(
  desk: Desk,
  input: ConfigureVps,
  signal: AbortSignal,
): Promise<Done<PlacementStatus>> {
  const { vpsId, generation, spec } = input;
  const placement = placementOrThrow(desk.book, vpsId); // first: what has been deleted is not found, rather than stale
  refuseStale(desk.book, input);
  if (isApplied(placement, input) && !desk.unsure.has(vpsId)) {
    return { answer: await lookAtMine(desk, vpsId) };
  }
  await raiseEpoch(desk.book, input);
  const from = placementOrThrow(desk.book, vpsId);
  const to: Placement = { ...from, generation, spec };
  const { state } = await desk.engine.containers.inspect(vpsId);
  const runs = state === "running";
  if (runs) await desk.engine.cgroups.make(planOf(from), signal);
  signal.throwIfAborted();
  await bring(desk, { from, to, runs });
  const now = await lookAtMine(desk, vpsId);
  return {
    answer: { ...now, appliedGeneration: generation, statusSeq: await desk.statuses.issue(vpsId) },
    changes: [{ type: "placement", placement: to }],
    undo: () => putBack(desk, from, runs),
  };
}

/** state_conflict for what is older than what holds, invalid_input for what cannot change where it is. */
function isApplied(placement: Placement, { generation, spec }: ConfigureVps): boolean {
  if (generation < placement.generation) {
    const message = `The command is of generation ${generation}; generation ${placement.generation} is applied.`;
    throw new MusterError("state_conflict", message);
  }
  mustStay(placement.spec, spec);
  if (generation > placement.generation) return false;
  if (JSON.stringify(spec) === JSON.stringify(placement.spec)) return true;
  throw new MusterError("state_conflict", `Generation ${generation} is applied, with other values.`);
}

function mustStay(before: VpsSpec, after: VpsSpec): void {
  for (const field of ["template", "address"] as const) {
    if (before[field] === after[field]) continue;
    throw new MusterError("invalid_input", `The ${field} of a VPS cannot change on its node.`, { field });
  }
}

interface Move {
  from: Placement;
  to: Placement;
  runs: boolean;
}

/** All of it or nothing. Where nobody is sure what the kernel has, all of it is written, not what differs alone. */
async function bring(desk: Desk, { from, to, runs }: Move): Promise<void> {
  const { vpsId } = to;
  const places = placesOf(runs);
  const all = desk.unsure.has(vpsId);
  try {
    await desk.limiter.change({ vpsId, before: from.spec.limits, limits: to.spec.limits, places, all });
  } catch (error) {
    if (isHalfDone(error)) desk.unsure.add(vpsId);
    throw error;
  }
  if (runs && (all || from.spec.name !== to.spec.name)) await renameOrRestore(desk, { from, to, runs });
  desk.unsure.delete(vpsId);
}

async function renameOrRestore(desk: Desk, { from, to, runs }: Move): Promise<void> {
  const { vpsId } = to;
  try {
    await desk.engine.containers.rename(planOf(to));
  } catch (cause) {
    desk.unsure.add(vpsId); // it may have got the name, and only the answer was late
    const restored = desk.limiter.restore({ vpsId, limits: from.spec.limits }, placesOf(runs));
    throw afterRollBack(cause, await failuresOf(restored));
  }
}

/** Limits and host name as the placement has them, as far as that can be without hurting the guest. */
export async function putBack(desk: Desk, placement: Placement, runs: boolean): Promise<void> {
  const { vpsId, spec } = placement;
  desk.unsure.add(vpsId);
  const failures = await failuresOf(desk.limiter.restore({ vpsId, limits: spec.limits }, placesOf(runs)));
  if (runs) failures.push(...(await failuresOf(desk.engine.containers.rename(planOf(placement)))));
  if (failures.length > 0) {
    const message = "The VPS is not in everything as its spec has it.";
    throw new MusterError("engine_failed", message, { cause: new AggregateError(failures) });
  }
  desk.unsure.delete(vpsId);
}

const placesOf = (runs: boolean): readonly LimitPlace[] => (runs ? ALL_PLACES : STOPPED_PLACES);
