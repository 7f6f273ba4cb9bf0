/**
 * No VPS stays held by a job that is over, and no job goes on for ever unseen: what is held by nobody is released, a
 * step that is long past its time is told of, and what is stuck over something that is gone ends. A dead server's jobs need no watcher: every server's claim takes them.
 */
import type { Deadlines, JobUpkeep } from "../jobs/upkeep.ts";
import type { Log } from "../log.ts";
import { OPERATIONS } from "../operations/registry.ts";
import type { Watcher } from "./watcher.ts";

const DEADLINES: Deadlines = Object.fromEntries(
  Object.values(OPERATIONS).map(({ kind, steps }) => [
    kind,
    Object.fromEntries(steps.map(({ name, deadlineMs }) => [name, deadlineMs])),
  ]),
);

const ADVICE = {
  cancel: "This step has taken more than twice its time: look at the node, or cancel the job.",
  wait: "This step has taken more than twice its time: look at the node; the job goes on by itself when it answers.",
};

export function stuckJobsWatcher({ upkeep, log }: { upkeep: JobUpkeep; log: Log }): Watcher {
  return {
    name: "stuck-jobs",
    everyMs: 5_000,
    async round() {
      for (const released of await upkeep.releaseHeldByNobody()) {
        log.error({ ...released }, "a VPS was held by a job that is over; it has been released");
      }
      for (const jobId of await upkeep.endWhatIsGone()) {
        log.info({ jobId }, "a stuck job has ended: what it was about is gone");
      }
      for (const late of await upkeep.adviseLate(DEADLINES, ADVICE)) {
        log.warn({ ...late }, "a step has taken more than twice its time");
      }
    },
  };
}
