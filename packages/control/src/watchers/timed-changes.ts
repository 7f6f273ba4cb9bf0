/**
 * Sets back what was changed until a certain time. Any server may: the database says whose it is (timed-store.ts). A
 * time that passed while no server ran is met late, at the first look.
 */
import type { Clock } from "../clock.ts";
import { limitsJob } from "../limits/job.ts";
import type { LimitsStore } from "../limits/store.ts";
import type { Log } from "../log.ts";
import type { Runner } from "../operations/runner.ts";
import type { Watcher } from "./watcher.ts";

const EVERY_MS = 1_000;

export interface TimedChangesOptions {
  limits: LimitsStore;
  runner: Pick<Runner, "wake">;
  clock: Clock;
  log: Log;
}

export function timedChangesWatcher({ limits, runner, clock, log }: TimedChangesOptions): Watcher {
  const fire = async (id: string): Promise<void> => {
    const refused = await limits.timed.fire(id, async (transaction, { nodeId, ...asked }) => {
      const [result] = await limits.changes.reserveIn(transaction, { nodeId, asked: [asked], job: limitsJob });
      if (result === undefined) throw new RangeError("no result of one request");
      return result;
    });
    if (refused === null) return;
    const { vpsId, vpsName, dueAt, back, reason } = refused;
    log.warn({ id, vpsId, vpsName, dueAt, back, reason }, "a change was not set back at its time");
  };
  return {
    name: "timed-changes",
    everyMs: EVERY_MS,
    round: async () => {
      const due = await limits.timed.due(clock.nowMs());
      for (const id of due) {
        await fire(id).catch((err: unknown) => log.warn({ err, id }, "a timed change waits for the next round"));
      }
      if (due.length > 0) runner.wake();
    },
  };
}
