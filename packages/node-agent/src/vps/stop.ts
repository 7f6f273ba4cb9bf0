/** stopVps: in order while the grace lasts, then by force; either way nothing of the run is left but the private area. */
import type { StopVps } from "@muster/agent-api/agent";
import type { VpsId } from "@muster/model/ids";
import type { PlacementStatus } from "@muster/model/vps";
import { type Desk, lookAtMine, placementOrThrow, raiseEpoch, refuseStale } from "./desk.ts";
import type { Done } from "./keyed.ts";
import { planOf } from "./placement.ts";

/** A guest's init ends in 0.25 s (systemd) to 1.1 s (busybox, which sleeps 1 s between TERM and KILL). */
const LOOK_EVERY_MS = 20;

export async function stopVps(desk: Desk, input: StopVps, signal: AbortSignal): Promise<Done<PlacementStatus>> {
  refuseStale(desk.book, input);
  placementOrThrow(desk.book, input.vpsId);
  await raiseEpoch(desk.book, input);
  const placement = placementOrThrow(desk.book, input.vpsId);
  const { containers } = desk.engine;
  const found = await containers.inspect(input.vpsId);
  if (found.state === "running" && input.graceMs > 0) {
    await containers.askToStop(planOf(placement));
    await waitForEnd(desk, input, signal);
  }
  if (found.state !== "absent") await containers.remove(input.vpsId);
  return { answer: await lookAtMine(desk, input.vpsId) };
}

async function waitForEnd(desk: Desk, { vpsId, graceMs }: StopVps, signal: AbortSignal): Promise<void> {
  const { clock } = desk.engine;
  const deadlineMs = clock.nowMs() + graceMs;
  while (clock.nowMs() < deadlineMs && (await runs(desk, vpsId))) {
    await clock.sleep(Math.min(LOOK_EVERY_MS, deadlineMs - clock.nowMs()), signal);
  }
}

async function runs(desk: Desk, vpsId: VpsId): Promise<boolean> {
  return (await desk.engine.containers.inspect(vpsId)).state === "running";
}
