/** What the verbs (create, start, stop, configure, delete, recover) work with, and the looking that all share. */

import { MusterError } from "@muster/model/errors";
import type { VpsId } from "@muster/model/ids";
import type { PlacementState, PlacementStatus } from "@muster/model/vps";
import type { Engine } from "../engine/ports.ts";
import type { Limiter } from "../limits/limiter.ts";
import type { Book, Change } from "./book.ts";
import { type Placement, planOf, type Run } from "./placement.ts";
import type { Statuses } from "./statuses.ts";

export interface Desk {
  engine: Engine;
  limiter: Limiter;
  book: Book;
  statuses: Statuses;
  /** Those that ran when last looked at. */
  runs: Map<VpsId, Run>;
  /** Those whose limits and host name may be others than the journal says: what was to put them back failed. */
  unsure: Set<VpsId>;
  /** By when (ms since the epoch) a guest that was asked to stop must have ended; of stops under way or given up. */
  endings: Map<VpsId, number>;
}

/** epoch_stale, unless this is the newest epoch that the node has heard of. */
export function refuseStale(book: Book, input: { vpsId: VpsId; epoch: number }): void {
  const { epoch } = book.mark(input.vpsId);
  if (input.epoch >= epoch) return;
  throw new MusterError("epoch_stale", `The command is of placement ${input.epoch}; the VPS is in placement ${epoch}.`);
}

/** The newer epoch goes to the disk before anything is done in its name. */
export async function raiseEpoch(book: Book, input: { vpsId: VpsId; epoch: number }): Promise<void> {
  const { epoch, seqCeiling } = book.mark(input.vpsId);
  const placement = book.placement(input.vpsId);
  if (input.epoch === epoch) return;
  const changes: Change[] = [{ type: "mark", vpsId: input.vpsId, mark: { epoch: input.epoch, seqCeiling } }];
  if (placement !== undefined) {
    changes.push({ type: "placement", placement: { ...placement, epoch: input.epoch } });
  }
  await book.write(changes);
}

export function placementOrThrow(book: Book, vpsId: VpsId): Placement {
  const placement = book.placement(vpsId);
  if (placement?.phase === "made") return placement;
  throw new MusterError("not_found", `VPS ${vpsId} is not on this node.`);
}

/**
 * Looks at a placement and tells what is news. Anybody may look at any time, in the middle of a start or a delete
 * too; so what was found is told only if nobody has changed or told anything of the VPS meanwhile, else it is looked
 * at again. Null when the VPS is not on the node (any more).
 */
export async function look(
  desk: Desk,
  vpsId: VpsId,
  usedBytes: ReadonlyMap<VpsId, number> | null = null,
): Promise<PlacementStatus | null> {
  for (;;) {
    const placement = desk.book.placement(vpsId);
    if (placement === undefined) return null;
    const revision = desk.statuses.revision(vpsId);
    const found = await find(desk, placement);
    if (desk.book.placement(vpsId) !== placement || desk.statuses.revision(vpsId) !== revision) continue;
    if (found.run === null) desk.runs.delete(vpsId);
    else desk.runs.set(vpsId, found.run);
    return desk.statuses.report(placement, {
      state: found.state,
      reason: found.reason,
      startedAtMs: found.run?.startedAtMs ?? null,
      diskUsedBytes: usedBytes?.get(vpsId) ?? desk.statuses.last(vpsId)?.diskUsedBytes ?? null,
    });
  }
}

/** For the end of a verb, which holds the VPS: it is there. */
export async function lookAtMine(desk: Desk, vpsId: VpsId): Promise<PlacementStatus> {
  const status = await look(desk, vpsId);
  if (status === null) throw new MusterError("not_found", `VPS ${vpsId} is not on this node.`);
  return status;
}

interface Found {
  state: PlacementState;
  reason: string | null;
  run: Run | null;
}

async function find({ engine }: Desk, placement: Placement): Promise<Found> {
  const { vpsId, phase } = placement;
  if (phase === "creating") return { state: "preparing", reason: null, run: null };
  if (phase === "deleting") return { state: "broken", reason: "It was being deleted: delete it again.", run: null };
  const found = await engine.containers.inspect(vpsId);
  if (found.state === "running") {
    const { pid, startedAtMs } = found;
    return { state: "running", reason: null, run: { plan: planOf(placement), pid, startedAtMs } };
  }
  const reason = await engine.storage.findDamage(vpsId);
  return { state: reason === null ? "stopped" : "broken", reason, run: null };
}
