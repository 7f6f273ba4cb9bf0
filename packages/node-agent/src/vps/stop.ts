/**
 * stopVps: in order while the grace lasts, then by force; either way nothing of the run is left but the private area.
 * A guest that was asked cannot be unasked: when the caller gives up, the next start ends what the stop began.
 */
import type { StopVps } from "@muster/agent-api/agent";
import type { VpsId } from "@muster/model/ids";
import type { PlacementStatus } from "@muster/model/vps";
import { type Desk, lookAtMine, placementOrThrow, raiseEpoch, refuseStale } from "./desk.ts";
import type { Done } from "./keyed.ts";
import { planOf } from "./placement.ts";

/** A guest's init ends in 0.25 s (systemd) to 1.1 s (busybox, which sleeps 1 s between TERM and KILL). */
const LOOK_EVERY_MS = 20;

export async function stopVps(desk: Desk, input: StopVps, signal: AbortSignal): Promise<Done<PlacementStatus>> {
  placementOrThrow(desk.book, input.vpsId); // first: what has been deleted is not found, rather than stale
  refuseStale(desk.book, input);
  await raiseEpoch(desk.book, input);
  const placement = placementOrThrow(desk.book, input.vpsId);
  const { containers, clock } = desk.engine;
  const found = await containers.inspect(input.vpsId);
  signal.throwIfAborted(); // whoever gave up while this waited for its turn has left the guest alone
  if (found.state === "running" && input.graceMs > 0) {
    await containers.askToStop(planOf(placement));
    desk.endings.set(input.vpsId, clock.nowMs() + input.graceMs);
    await waitForEnd(desk, input.vpsId, signal);
  }
  if (found.state !== "absent") await containers.remove(input.vpsId);
  desk.endings.delete(input.vpsId);
  return { answer: await lookAtMine(desk, input.vpsId) };
}

/** Comes to the end of a stop that was given up: to a start, its guest would seem to run, and end a moment later. */
export async function endStopGivenUp(desk: Desk, vpsId: VpsId, signal: AbortSignal): Promise<void> {
  if (!desk.endings.has(vpsId)) return;
  await waitForEnd(desk, vpsId, signal);
  await desk.engine.containers.remove(vpsId);
  desk.endings.delete(vpsId);
}

async function waitForEnd(desk: Desk, vpsId: VpsId, signal: AbortSignal): Promise<void> {
  const { clock } = desk.engine;
  const byMs = desk.endings.get(vpsId) ?? 0;
  while (clock.nowMs() < byMs && (await runs(desk, vpsId))) {
    await clock.sleep(Math.min(LOOK_EVERY_MS, byMs - clock.nowMs()), signal);
  }
}

async function runs(desk: Desk, vpsId: VpsId): Promise<boolean> {
  return (await desk.engine.containers.inspect(vpsId)).state === "running";
}
