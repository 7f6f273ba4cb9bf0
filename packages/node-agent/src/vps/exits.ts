/**
 * Guests stop by themselves too: `poweroff` inside, or an init that dies. They are looked at once a second
 * (one read of /proc each) and cleared away.
 *
 * Rejected: a runc that stays in the foreground as each guest's parent; it would die with the agent, or need
 * a supervisor of its own, and an agent's restart must not touch a VPS.
 */
import { type Desk, look } from "./desk.ts";
import type { Lanes } from "./lanes.ts";
import type { Run } from "./placement.ts";
import type { Log } from "./placements.ts";

const LOOK_EVERY_MS = 1000;

export function watchExits(desk: Desk, lanes: Lanes, log: Log): { stop(): void } {
  const stopping = new AbortController();
  const { signal } = stopping;
  const round = async (): Promise<void> => {
    await desk.engine.clock.sleep(LOOK_EVERY_MS, signal);
    for (const run of desk.runs.values()) {
      const found = await desk.engine.containers.inspect(run.plan.vpsId);
      if (found.state === "running" || signal.aborted) continue;
      // Not waited for: a long stop of this VPS in its lane must not blind us to the others.
      lanes
        .run(run.plan.vpsId, () => settle(desk, run))
        .catch((error: unknown) => {
          log({
            level: "error",
            message: "a guest that ended could not be cleared away",
            vpsId: run.plan.vpsId,
            error,
          });
        });
    }
  };
  const rounds = async (): Promise<void> => {
    while (!signal.aborted) {
      await round().catch((error: unknown) => {
        if (!signal.aborted) log({ level: "error", message: "could not look after the running VPSs", error });
      });
    }
  };
  void rounds();
  return { stop: () => stopping.abort() };
}

async function settle(desk: Desk, run: Run): Promise<void> {
  const { vpsId } = run.plan;
  const placement = desk.book.placement(vpsId);
  const found = await desk.engine.containers.inspect(vpsId);
  // Whoever held the lane before may have stopped, restarted or deleted it.
  if (placement?.phase !== "made" || found.state === "running") return;
  if (found.state === "half") await desk.engine.containers.remove(vpsId);
  await look(desk, vpsId);
}
