/** Jobs in words: what was asked for, and what came of it. */
import { JOB_ENDED, type Job, type JobState } from "@muster/model/job";
import { KIND_TITLE } from "@muster/model/job-title";

/** What the job is about: a VPS where there is one, else the node for what is done to nodes. */
export function jobTitle(job: Pick<Job, "kind" | "vpsName" | "nodeName">): string {
  const subject = job.vpsName ?? (job.kind.startsWith("node.") ? job.nodeName : null);
  return subject === null ? KIND_TITLE[job.kind] : `${KIND_TITLE[job.kind]} ${subject}`;
}

export const OUTCOME = {
  queued: "queued",
  running: "running",
  undoing: "being taken back",
  succeeded: "succeeded",
  failed: "failed",
  stuck: "stuck",
  cancelled: "cancelled",
} as const satisfies Record<JobState, string>;

/** How long it ran, or how long it has waited or run so far: from when, until when. */
export function spanOf(job: Pick<Job, "state" | "createdAt" | "startedAt" | "endedAt">) {
  const ended = JOB_ENDED[job.state] ? job.endedAt : null;
  return { from: job.startedAt ?? job.createdAt, to: ended, waiting: job.startedAt === null && ended === null };
}
