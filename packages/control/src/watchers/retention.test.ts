/** A round of the retention: batch after batch until one is not full, and none once the server stops. */
import { expect, test } from "vitest";
import type { JobUpkeep } from "../jobs/upkeep.ts";
import { silentLog } from "../log.ts";
import { retentionWatcher } from "./retention.ts";

/** What it was asked to drop: `what` and the days. Each kind has so many rows to be dropped. */
function upkeepOf(rows: { events: number; jobs: number }, onAsked = () => {}) {
  const asked: string[] = [];
  const left = { ...rows };
  const drop = (what: "events" | "jobs") => async (days: number, limit: number) => {
    asked.push(`${what} ${days}`);
    onAsked();
    const dropped = Math.min(limit, left[what]);
    left[what] -= dropped;
    return dropped;
  };
  const untouched = async () => [];
  const upkeep: JobUpkeep = {
    ...{ releaseHeldByNobody: untouched, endWhatIsGone: untouched, adviseLate: untouched },
    ...{ dropEvents: drop("events"), dropJobs: drop("jobs") },
  };
  return { upkeep, asked, left };
}

test("a round drops all that is old, however many batches it takes", async () => {
  const { upkeep, asked, left } = upkeepOf({ events: 2_001, jobs: 999 });
  const { signal } = new AbortController();
  await retentionWatcher({ upkeep, log: silentLog, signal, jobDays: 30 }).round();
  expect(left).toEqual({ events: 0, jobs: 0 });
  expect(asked).toEqual(["events 7", "events 7", "events 7", "jobs 30"]);
});

test("a server that stops ends the round after the batch that is under way", async () => {
  const stop = new AbortController();
  const { upkeep, asked } = upkeepOf({ events: 5_000, jobs: 5_000 }, () => stop.abort());
  await retentionWatcher({ upkeep, log: silentLog, signal: stop.signal }).round();
  expect(asked).toEqual(["events 7"]);
});
