/**
 * deleteVps: the intention goes to the journal first and the placement leaves it last, so no crash forgets a half. With
 * it goes the epoch: what was asked of this placement before and arrives after (its create, sent by a server that was
 * held up) is refused as stale, or it would make what no inventory knows. Ids are never used again, so nothing is lost.
 */
import type { DeleteVps } from "@muster/agent-api/agent";
import type { VpsId } from "@muster/model/ids";
import type { Book, Change } from "./book.ts";
import { type Desk, raiseEpoch, refuseStale } from "./desk.ts";
import type { Done } from "./keyed.ts";

export async function deleteVps(desk: Desk, input: DeleteVps): Promise<Done<null>> {
  const { vpsId, epoch } = input;
  const placement = desk.book.placement(vpsId);
  // Its own mark would make a repeated delete stale, and what is not there need not be kept from anybody.
  if (placement === undefined) return { answer: null, changes: [passed(desk.book, input)] };
  refuseStale(desk.book, input);
  await raiseEpoch(desk.book, input);
  await desk.book.write([{ type: "placement", placement: { ...placement, epoch, phase: "deleting" } }]);
  await removeAll(desk, vpsId);
  return { answer: null, changes: [{ type: "gone", vpsId }, passed(desk.book, input)] };
}

/** The epoch after the one that is over; a number that the journal can hold. */
function passed(book: Book, { vpsId, epoch }: DeleteVps): Change {
  const { seqCeiling } = book.mark(vpsId);
  return { type: "mark", vpsId, mark: { epoch: Math.min(epoch + 1, Number.MAX_SAFE_INTEGER), seqCeiling } };
}

/** All that the node holds of a VPS, whatever half of it is there. */
export async function removeAll(desk: Desk, vpsId: VpsId): Promise<void> {
  await desk.engine.containers.remove(vpsId);
  await desk.engine.storage.removeArea(vpsId);
}

/** When its placement has left the book; one that came back meanwhile is not forgotten. */
export function forget(desk: Desk, vpsId: VpsId): void {
  if (desk.book.placement(vpsId) !== undefined) return;
  desk.runs.delete(vpsId);
  desk.unsure.delete(vpsId);
  desk.endings.delete(vpsId);
  desk.statuses.forget(vpsId);
}
