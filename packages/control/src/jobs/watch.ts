/** Every change of every job, for a reader that may come back later and go on where it was cut off. */
import type { ChangeFeed } from "../events/change-feed.ts";
import { createInbox } from "../events/inbox.ts";
import type { JobChange } from "../fleet.ts";
import type { JobStore } from "./store.ts";

/**
 * Event ids are given out before their transactions commit, so a lower id may appear after a higher one was seen.
 * A reader that comes back looks this much further behind: a few statements of the largest that there are (500 jobs
 * written down at once; 100 of a server's changes with two or three events each). A job told twice is told nothing wrong.
 */
const OVERLAP = 2_000n;

interface Seen {
  id: bigint;
  jobId: string;
}

/** Listens first, then reads: nothing falls in between. */
export async function* watchJobs(
  { feed, jobs }: { feed: ChangeFeed; jobs: JobStore },
  afterEventId: string | null,
  signal: AbortSignal,
): AsyncGenerator<JobChange> {
  const inbox = createInbox<Seen | "gap">(signal);
  const unsubscribe = feed.subscribe((change) => {
    if (change.type === "job") inbox.put(change.jobId, { id: change.eventId, jobId: change.jobId });
    if (change.type === "gap") inbox.put("gap", "gap");
  });
  let last = afterEventId === null || !/^[0-9]{1,18}$/.test(afterEventId) ? null : BigInt(afterEventId);
  try {
    let missed = last === null ? [] : await jobs.eventsAfter(last - OVERLAP);
    while (!signal.aborted) {
      const found = missed.length === 0 ? new Map() : await jobs.getMany(missed.map((event) => event.jobId));
      for (const { id, jobId } of missed) {
        const job = found.get(jobId);
        if (last === null || id > last) last = id;
        if (job !== undefined) yield { id: String(last), job };
      }
      missed = await next(inbox, jobs, last);
    }
  } finally {
    unsubscribe();
  }
}

async function next(
  inbox: { take(): Promise<(Seen | "gap")[]> },
  jobs: JobStore,
  last: bigint | null,
): Promise<Seen[]> {
  const taken = await inbox.take();
  const told = taken.filter((one) => one !== "gap");
  if (told.length === taken.length || last === null) return told;
  return await jobs.eventsAfter(last - OVERLAP);
}
