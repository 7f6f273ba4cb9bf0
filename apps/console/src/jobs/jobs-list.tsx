"use client";
import { Button, Skeleton, Stack } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTRPC } from "../trpc/client.tsx";
import { FailedQuery } from "../trpc/failed-query.tsx";
import { EmptyNotice } from "../ui/notice.tsx";
import { JobRow } from "./job-row.tsx";
import classes from "./jobs-list.module.css";
import { JOBS_PER_PAGE } from "./queries.ts";

/** The history, newest first: of everything, of one node, or of one VPS. */
export function JobsList(props: { vpsId?: string; nodeId?: string; openJobId?: string | null }) {
  const trpc = useTRPC();
  const query = useInfiniteQuery(
    trpc.jobs.list.infiniteQueryOptions(
      { vpsId: props.vpsId, nodeId: props.nodeId, limit: JOBS_PER_PAGE },
      { getNextPageParam: (page) => page.nextCursor },
    ),
  );
  if (query.isPending) {
    return (
      <Stack gap={8} p="md" role="status" aria-label="Loading jobs">
        <Skeleton height={22} />
        <Skeleton height={22} />
        <Skeleton height={22} />
      </Stack>
    );
  }
  if (query.isError) return <FailedQuery what="The jobs" error={query.error} onRetry={() => void query.refetch()} />;
  const jobs = query.data.pages.flatMap((page) => page.items);
  if (jobs.length === 0) {
    return (
      <EmptyNotice title="No jobs yet" icon="jobs">
        Everything that is done here leaves a job with its steps.
      </EmptyNotice>
    );
  }
  return (
    <>
      <ul className={classes.list} aria-label="Jobs">
        {jobs.map((job) => (
          <JobRow key={job.id} job={job} initiallyOpen={job.id === props.openJobId} />
        ))}
      </ul>
      {query.hasNextPage && (
        <Button variant="subtle" m="sm" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          Show older jobs
        </Button>
      )}
    </>
  );
}
