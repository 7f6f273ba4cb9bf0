/** deleteVps: the intention goes to the journal first and the placement leaves it last, so no crash forgets a half. */
import type { DeleteVps } from "@muster/agent-api/agent";
import type { VpsId } from "@muster/model/ids";
import { type Desk, raiseEpoch, refuseStale } from "./desk.ts";
import type { Done } from "./keyed.ts";

export async function deleteVps(desk: Desk, input: DeleteVps): Promise<Done<null>> {
  refuseStale(desk.book, input);
  await raiseEpoch(desk.book, input);
  const placement = desk.book.placement(input.vpsId);
  if (placement === undefined) return { answer: null };
  await desk.book.write([{ type: "placement", placement: { ...placement, phase: "deleting" } }]);
  await removeAll(desk, input.vpsId);
  return { answer: null, changes: [{ type: "gone", vpsId: input.vpsId }] };
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
