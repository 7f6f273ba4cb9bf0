/**
 * startVps: clears away what is left of an earlier run, once a stop that was given up has come to its end, mounts the
 * root if a reboot unmounted it, puts the limits in place by the drivers that also change them live, and starts the
 * guest's init in them.
 */
import type { StartVps } from "@muster/agent-api/agent";
import { MusterError } from "@muster/model/errors";
import type { PlacementStatus } from "@muster/model/vps";
import { type Desk, lookAtMine, placementOrThrow, raiseEpoch, refuseStale } from "./desk.ts";
import type { Done } from "./keyed.ts";
import { planOf } from "./placement.ts";
import { endStopGivenUp } from "./stop.ts";

export async function startVps(desk: Desk, input: StartVps, signal: AbortSignal): Promise<Done<PlacementStatus>> {
  placementOrThrow(desk.book, input.vpsId); // first: what has been deleted is not found, rather than stale
  refuseStale(desk.book, input);
  await raiseEpoch(desk.book, input);
  const placement = placementOrThrow(desk.book, input.vpsId);
  const { containers, storage } = desk.engine;
  await endStopGivenUp(desk, input.vpsId, signal);
  const found = await containers.inspect(input.vpsId);
  if (found.state !== "running") {
    if (found.state === "half") await containers.remove(input.vpsId);
    const damage = await storage.findDamage(input.vpsId);
    if (damage !== null) throw new MusterError("engine_failed", `The VPS cannot start: ${damage}`);
    await storage.mountArea(planOf(placement));
    await startOrClear(desk, planOf(placement), signal);
  }
  return { answer: await lookAtMine(desk, input.vpsId) };
}

async function startOrClear(desk: Desk, plan: ReturnType<typeof planOf>, signal: AbortSignal): Promise<void> {
  try {
    await desk.engine.cgroups.make(plan, signal);
    await desk.limiter.apply(plan, ["cgroup"], "born");
    await desk.engine.containers.start(plan, signal);
    // The link came with the guest's network namespace, a few milliseconds ago.
    await desk.limiter.apply(plan, ["link"], "born");
  } catch (error) {
    // What is left if even that fails is "half", and goes before the next start.
    await desk.engine.containers.remove(plan.vpsId).catch(() => undefined);
    throw error;
  }
}
