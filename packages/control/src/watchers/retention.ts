/**
 * How long the history is kept. Events only serve watchers that come back, so those of jobs that are long over go
 * after a week; jobs with their steps are the history, and stay for two years. In small batches, so nobody waits.
 */
import type { JobUpkeep } from "../jobs/upkeep.ts";
import type { Log } from "../log.ts";
import type { Watcher } from "./watcher.ts";

const EVENT_DAYS = 7;
export const JOB_DAYS = 730;
const BATCH = 1_000;
/** Of a round: a fleet that makes more than this in ten minutes has other problems. */
const BATCHES = 100;

export interface RetentionOptions {
  upkeep: JobUpkeep;
  log: Log;
  signal: AbortSignal;
  jobDays?: number | undefined;
}

export function retentionWatcher({ upkeep, log, signal, jobDays = JOB_DAYS }: RetentionOptions): Watcher {
  const drop = async (what: string, batch: () => Promise<number>): Promise<void> => {
    let total = 0;
    for (let count = 0; count < BATCHES && !signal.aborted; count += 1) {
      const dropped = await batch();
      total += dropped;
      if (dropped < BATCH) break;
    }
    if (total > 0) log.info({ total, what }, "old history was dropped");
  };
  return {
    name: "retention",
    everyMs: 600_000,
    async round() {
      await drop("events", () => upkeep.dropEvents(EVENT_DAYS, BATCH));
      await drop("jobs", () => upkeep.dropJobs(jobDays, BATCH));
    },
  };
}
