"use client";
import { Skeleton, Stack } from "@mantine/core";
import { JOB_ENDED, type Job } from "@muster/model/job";
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { paths } from "../paths.ts";
import { usePollMs } from "../shell/attended.ts";
import { useTRPC } from "../trpc/client.tsx";
import { errorViewOf } from "../trpc/error-view.ts";
import { FailedQuery } from "../trpc/failed-query.tsx";
import { ActionButton } from "../ui/action-button.tsx";
import { Icon } from "../ui/icon.tsx";
import { EmptyNotice } from "../ui/notice.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { Panel } from "../ui/panel.tsx";
import { SimulatedBadge } from "../ui/simulated-badge.tsx";
import { useJobActions } from "./actions.tsx";
import { JobFacts } from "./job-facts.tsx";
import classes from "./job-page.module.css";
import { PhaseBar, progressText, Span, stepText } from "./progress.tsx";
import { useIsSimulated } from "./simulated.ts";
import { currentStep, JobStateMark } from "./state.tsx";
import { StepList, whatToDo } from "./steps.tsx";
import { jobTitle } from "./words.ts";

export function JobPage({ jobId }: { jobId: string }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.jobs.get.queryOptions({ jobId }, { refetchInterval: usePollMs() }));
  return (
    <>
      <title>{`${query.data === undefined ? "Job" : jobTitle(query.data)} · Muster`}</title>
      <JobContent query={query} />
    </>
  );
}

function JobContent({ query }: { query: UseQueryResult<Job, unknown> }) {
  if (query.isPending) return <PageSkeleton />;
  if (query.isError && errorViewOf(query.error).code === "not_found") return <Unknown />;
  if (query.data === undefined) {
    return <FailedQuery what="This job" error={query.error} onRetry={() => void query.refetch()} />;
  }
  const job = query.data;
  return (
    <>
      <PageHeader
        title={jobTitle(job)}
        trail={
          <Link prefetch={false} href={paths.jobs()}>
            History
          </Link>
        }
        marks={<Marks job={job} />}
        actions={<Actions job={job} />}
      />
      <div className={classes.panels}>
        <WentWrong job={job} />
        {!JOB_ENDED[job.state] && <Now job={job} />}
        <Panel title="Steps" flush>
          <StepList job={job} detailed />
        </Panel>
        <Panel title="Job">
          <JobFacts job={job} />
        </Panel>
      </div>
    </>
  );
}

function Marks({ job }: { job: Job }) {
  return (
    <>
      <output aria-label="State">
        <JobStateMark state={job.state} filled />
      </output>
      {useIsSimulated(job.nodeId) && <SimulatedBadge />}
    </>
  );
}

function Actions({ job }: { job: Job }) {
  const router = useRouter();
  const { cancel, retry } = useJobActions(job, (jobId) => {
    if (jobId !== job.id) router.push(paths.job(jobId));
  });
  return [cancel, retry].map((action) => (
    <ActionButton
      key={action.label}
      variant={action === retry && job.state === "stuck" ? "filled" : "default"}
      leftSection={<Icon name={action.icon} size={14} />}
      loading={action.pending}
      disabledReason={action.disabledReason}
      onPress={action.run}
    >
      {action.label}
    </ActionButton>
  ));
}

function WentWrong({ job }: { job: Job }) {
  if (job.error === null && job.advice === null) return null;
  const todo = whatToDo(job);
  return (
    <section className={classes.wrong} aria-label="What went wrong" data-stuck={job.state === "stuck" || undefined}>
      <Icon name="warning" size={18} />
      <div>
        {job.state === "stuck" && (
          <p className={classes.headline}>This job is stuck: it can go neither forward nor back by itself.</p>
        )}
        {job.error !== null && <p>{job.error.message}</p>}
        {todo !== null && (
          <p className={classes.todo}>
            <strong>What to do:</strong> {todo}
          </p>
        )}
      </div>
    </section>
  );
}

/** What it is at, as it happens. */
function Now({ job }: { job: Job }) {
  const far = howFar(job);
  return (
    <Panel title={currentStep(job)} aside={<Span job={job} />}>
      <div className={classes.now} aria-live="polite">
        <PhaseBar job={job} />
        {far !== null && <p>{far}</p>}
        <p className={classes.way}>{wayBack(job)}</p>
      </div>
    </Panel>
  );
}

function howFar(job: Job): string | null {
  if (job.progress !== null) return progressText(job.progress);
  return stepText(job) ?? (job.state === "undoing" ? null : "It begins as soon as the jobs before it let it.");
}

function wayBack(job: Job): string {
  if (job.state === "undoing") return "What was done is being taken back.";
  if (job.cancelRequested) return "It was cancelled: it is taken back as soon as its step lets go.";
  return job.committed
    ? "It is past the point of no return: there is only forward."
    : "It can still be cancelled; what it did is taken back then.";
}

function Unknown() {
  return (
    <EmptyNotice
      whole
      title="There is no such job"
      icon="jobs"
      action={
        <Link prefetch={false} href={paths.jobs()}>
          To the history
        </Link>
      }
    >
      Its time in the history may have passed, or the address is not whole.
    </EmptyNotice>
  );
}

function PageSkeleton() {
  return (
    <Stack p={20} gap="md" role="status" aria-label="Loading the job">
      <Skeleton height={34} width={280} />
      <Skeleton height={160} />
      <Skeleton height={120} />
    </Stack>
  );
}
