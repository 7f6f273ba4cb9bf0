"use client";
/** A job told in the place where it was asked for: how it goes, and how it ended. */
import { JOB_ENDED, type Job } from "@muster/model/job";
import { useQueries } from "@tanstack/react-query";
import Link from "next/link";
import { JobStateMark } from "../jobs/state.tsx";
import { paths } from "../paths.ts";
import { usePollMs } from "../shell/attended.ts";
import { useTRPC } from "../trpc/client.tsx";
import { adviceFor } from "../trpc/error-view.ts";
import { Elapsed } from "../ui/relative-time.tsx";
import classes from "./job-outcome.module.css";

/** By their ids; one that nobody has heard of yet is not among them. */
export function useJobs(jobIds: readonly string[]): ReadonlyMap<string, Job> {
  const trpc = useTRPC();
  const pollMs = usePollMs();
  return useQueries({
    queries: jobIds.map((jobId) =>
      trpc.jobs.get.queryOptions(
        { jobId },
        {
          // The stream of jobs tells each change; this repairs what it missed.
          refetchInterval: ({ state }) => (state.data !== undefined && JOB_ENDED[state.data.state] ? false : pollMs),
        },
      ),
    ),
    combine: (results) =>
      new Map(results.flatMap(({ data }) => (data === undefined ? [] : [[data.id, data] as const]))),
  });
}

export function useJob(jobId: string | null): Job | undefined {
  const jobs = useJobs(jobId === null ? [] : [jobId]);
  return jobId === null ? undefined : jobs.get(jobId);
}

export function JobOutcome({ job, done }: { job: Job; done: string }) {
  return (
    <div className={classes.outcome} role="status" aria-label="Outcome" data-state={job.state}>
      <div className={classes.line}>
        <JobStateMark state={job.state} />
        {job.startedAt !== null && (
          <span className={classes.quiet}>
            <Elapsed from={job.startedAt} to={job.endedAt} />
          </span>
        )}
        <Link prefetch={false} className={classes.link} href={paths.job(job.id)}>
          Open job
        </Link>
      </div>
      <p className={classes.words}>{wordsOf(job, done)}</p>
    </div>
  );
}

function wordsOf(job: Job, done: string): string {
  if (job.error !== null) return `${job.error.message} ${job.advice ?? adviceFor(job.error)}`;
  if (job.state === "succeeded") return done;
  if (JOB_ENDED[job.state]) return "Nothing was changed.";
  return job.steps.find((step) => step.state === "running")?.title ?? "Waiting for its turn";
}
