/** What the verbs (create, start, stop, delete, recover) work with, and the looking that all of them share. */

import { MusterError } from "@muster/model/errors";
import type { VpsId } from "@muster/model/ids";
import type { PlacementStatus } from "@muster/model/vps";
import type { ContainerState, Engine } from "../engine/ports.ts";
import type { Book, Change } from "./book.ts";
import { type Placement, planOf, type Run } from "./placement.ts";
import type { Statuses } from "./statuses.ts";

export interface Desk {
  engine: Engine;
  book: Book;
  statuses: Statuses;
  /** Those that ran when last looked at. */
  runs: Map<VpsId, Run>;
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

/** What is to be told about a placement; `usedBytes` is left as it was where it was not asked for. */
export async function look(
  desk: Desk,
  placement: Placement,
  usedBytes: ReadonlyMap<VpsId, number> | null,
): Promise<PlacementStatus> {
  const { vpsId } = placement;
  const found: ContainerState =
    placement.phase === "made" ? await desk.engine.containers.inspect(vpsId) : { state: "absent" };
  if (found.state === "running") {
    desk.runs.set(vpsId, { plan: planOf(placement), pid: found.pid, startedAtMs: found.startedAtMs });
  } else {
    desk.runs.delete(vpsId);
  }
  const damage =
    found.state === "running" || placement.phase !== "made" ? null : await desk.engine.storage.findDamage(vpsId);
  return desk.statuses.report(placement, {
    state: stateOf(placement, found, damage),
    reason: damage,
    startedAtMs: found.state === "running" ? found.startedAtMs : null,
    diskUsedBytes: usedBytes?.get(vpsId) ?? desk.statuses.last(vpsId)?.diskUsedBytes ?? null,
  });
}

function stateOf(placement: Placement, found: ContainerState, damage: string | null): PlacementStatus["state"] {
  if (placement.phase !== "made") return "preparing";
  if (found.state === "running") return "running";
  return damage === null ? "stopped" : "broken";
}
