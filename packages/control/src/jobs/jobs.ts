/** What may be asked of jobs: the history, and cancel and retry. */
import { MusterError } from "@muster/model/errors";
import { type Job, jobCan } from "@muster/model/job";
import type { ChangeFeed } from "../events/change-feed.ts";
import type { Fleet } from "../fleet.ts";
import type { Again } from "../operations/again.ts";
import type { Runner } from "../operations/runner.ts";
import { heldBy } from "../vps/allowed.ts";
import type { VpsStore } from "../vps/store.ts";
import type { JobRequests } from "./requests.ts";
import type { JobStore } from "./store.ts";
import { watchJobs } from "./watch.ts";

export interface JobsOptions {
  jobs: JobStore;
  requests: JobRequests;
  vps: Pick<VpsStore, "find">;
  runner: Pick<Runner, "wake">;
  feed: ChangeFeed;
  again: Again;
}

export function createJobs(options: JobsOptions): Fleet["jobs"] {
  const { jobs, requests, runner, feed } = options;
  return {
    list: (query) => jobs.list(query),
    get: (jobId) => jobs.get(jobId),
    actors: () => jobs.actors(),
    watch: ({ afterEventId }, signal) => watchJobs({ feed, jobs }, afterEventId, signal),

    async cancel({ jobId, actor }) {
      if (await requests.cancel(jobId, actor)) return runner.wake();
      const permission = jobCan.cancel(await jobs.get(jobId));
      throw new MusterError("state_conflict", permission.allowed ? CHANGED : permission.reason);
    },

    async retry({ jobId, actor }) {
      const job = await jobs.get(jobId);
      const permission = jobCan.retry(job);
      if (!permission.allowed) throw new MusterError("state_conflict", permission.reason);
      return job.state === "stuck" ? await goOn(options, job, actor) : await askAgain(options, job, actor);
    },
  };
}

const CHANGED = "It changed a moment ago; look again.";

async function goOn({ requests, runner, vps }: JobsOptions, job: Job, actor: string): Promise<{ jobId: string }> {
  const later = await requests.endOvertaken(job.id);
  if (later !== null) {
    const message = `Job ${later} has gone on with ${job.vpsName ?? "its VPS"} since: this one has ended, nothing was taken back.`;
    throw new MusterError("state_conflict", message);
  }
  if (await requests.goOn(job.id, actor)) {
    runner.wake();
    return { jobId: job.id };
  }
  const held = job.vpsId === null ? null : await vps.find(job.vpsId);
  if (job.vpsId !== null && held === null) {
    throw new MusterError("state_conflict", `${job.vpsName ?? "Its VPS"} is gone: there is nothing left to do.`);
  }
  if (held?.holdingJob) throw heldBy(held);
  throw new MusterError("state_conflict", CHANGED);
}

async function askAgain({ jobs, again }: JobsOptions, job: Job, actor: string): Promise<{ jobId: string }> {
  const input = await jobs.inputOf(job.id);
  const { jobId } = await again[job.kind](input, { actor, retryOf: job.id });
  return { jobId };
}
