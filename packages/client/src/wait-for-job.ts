/**
 * Waits until a job has ended. The subscription tells of changes as they happen; the job is asked for after the
 * subscription stands, so a change in between is not missed, and again every few seconds, so that a stream that a
 * proxy swallowed costs time and not the answer.
 */
import type { Job, MusterClient } from "./client.ts";

const REPAIR_INTERVAL_MS = 5_000;

const ENDED = {
  queued: false,
  running: false,
  undoing: false,
  succeeded: true,
  failed: true,
  stuck: true,
  cancelled: true,
} as const satisfies Record<Job["state"], boolean>;

export class JobFailed extends Error {
  override readonly name = "JobFailed";
  readonly job: Job;

  constructor(job: Job) {
    super(`Job ${job.id} (${job.kind}) ${job.state}: ${job.error?.message ?? "it gives no reason"}`);
    this.job = job;
  }
}

export interface WaitOptions {
  signal?: AbortSignal;
  /** Called at every change on the way. */
  onChange?: (job: Job) => void;
}

/** Resolves with the job that succeeded; rejects with JobFailed, or with the signal's reason. */
export function waitForJob(client: MusterClient, jobId: string, options: WaitOptions = {}): Promise<Job> {
  const { signal, onChange } = options;
  return new Promise<Job>((resolve, reject) => {
    let last = "";
    const ask = () => client.jobs.get.query({ jobId }).then(look, fail);
    const look = (job: Job) => {
      const now = JSON.stringify(job);
      if (now === last) return;
      last = now;
      onChange?.(job);
      if (ENDED[job.state]) settle(() => (job.state === "succeeded" ? resolve(job) : reject(new JobFailed(job))));
    };
    const fail = (error: unknown) => settle(() => reject(error));
    const aborted = () => fail(signal?.reason);
    const settle = (how: () => void) => {
      clearInterval(repair);
      subscription.unsubscribe();
      signal?.removeEventListener("abort", aborted);
      how();
    };
    const subscription = client.jobs.watch.subscribe(undefined, {
      onStarted: ask,
      onData: ({ data: job }) => {
        if (job.id === jobId) look(job);
      },
      onError: fail,
    });
    const repair = setInterval(ask, REPAIR_INTERVAL_MS);
    signal?.addEventListener("abort", aborted, { once: true });
    if (signal?.aborted === true) aborted();
  });
}
