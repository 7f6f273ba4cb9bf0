"use client";
/** The history: who asked for what, when, how long it took and what came of it; of everything, of one node or of one VPS. */
import { Button, Skeleton, Stack } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { usePollMs } from "../shell/attended.ts";
import { DataTable } from "../table/data-table.tsx";
import { useTRPC } from "../trpc/client.tsx";
import { FailedQuery } from "../trpc/failed-query.tsx";
import { useMinute } from "../ui/clock.ts";
import { EmptyNotice } from "../ui/notice.tsx";
import { ExportMenu } from "./export-menu.tsx";
import { askedOf, type JobListFilter, NO_FILTER, parametersOf, type TimeRange, type Within } from "./filter.ts";
import { FilterBar } from "./filter-bar.tsx";
import { type FilterState, useFilterState } from "./filter-state.ts";
import classes from "./history.module.css";
import { historyColumns } from "./history-columns.tsx";
import { useKnownFleet } from "./known-fleet.ts";
import { historyOptions } from "./queries.ts";

const WHOLE_FLEET: Within = {};

/** `embedded`: inside a tab, which has a margin of its own. */
export function JobHistory({ within = WHOLE_FLEET, embedded = false }: { within?: Within; embedded?: boolean }) {
  const state = useFilterState();
  const asked = askedOf(state.filter, within, useAskedAt(state.filter.time));
  return (
    <div className={classes.history} data-embedded={embedded || undefined}>
      <div className={classes.tools}>
        <div className={classes.filters}>
          <FilterBar state={state} within={within} />
        </div>
        <ExportMenu filter={asked} />
      </div>
      <HistoryTable state={state} within={within} asked={asked} />
    </div>
  );
}

/** The minute at which the period was chosen: one that went on would ask another question, and begin at page one again. */
function useAskedAt(time: TimeRange): number {
  const minute = useMinute();
  const period = time.type === "last" ? time.period : null;
  const [chosen, setChosen] = useState({ period, minute });
  if (chosen.period !== period) setChosen({ period, minute });
  return chosen.minute;
}

interface HistoryTableProps {
  state: FilterState;
  within: Within;
  asked: JobListFilter;
}

function HistoryTable({ state, within, asked }: HistoryTableProps) {
  const trpc = useTRPC();
  const known = useKnownFleet();
  const query = useInfiniteQuery({ ...historyOptions(trpc, asked), refetchInterval: usePollMs() });

  if (query.isPending) return <TableSkeleton />;
  if (query.isError) return <FailedQuery what="The history" error={query.error} onRetry={() => void query.refetch()} />;
  const jobs = query.data.pages.flatMap((page) => page.items);
  const total = query.data.pages.at(-1)?.total ?? jobs.length;
  if (total === 0) return <NoJobs state={state} />;
  return (
    <>
      <DataTable
        label="Jobs"
        columns={historyColumns(within, known)}
        rows={jobs}
        total={total}
        rowKey={(job) => job.id}
        onEnd={() => {
          if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage();
        }}
      />
      <p className={classes.total} role="status">
        {total.toLocaleString("en-GB")} {total === 1 ? "job" : "jobs"}
      </p>
    </>
  );
}

function NoJobs({ state }: { state: FilterState }) {
  const filtered = Object.values(parametersOf(state.filter)).some((value) => value !== "");
  if (!filtered) {
    return (
      <EmptyNotice title="No jobs yet" icon="jobs">
        Everything that is done here leaves a job with its steps.
      </EmptyNotice>
    );
  }
  return (
    <EmptyNotice
      title="No job fits these filters"
      icon="search"
      action={
        <Button variant="default" onClick={() => state.change(NO_FILTER)}>
          Clear the filters
        </Button>
      }
    >
      Take one of them away, or look at another time.
    </EmptyNotice>
  );
}

const SKELETON_ROWS = ["a", "b", "c", "d", "e", "f", "g", "h"];

function TableSkeleton() {
  return (
    <Stack gap={10} p="md" role="status" aria-label="Loading jobs">
      {SKELETON_ROWS.map((row) => (
        <Skeleton key={row} height={22} radius="sm" />
      ))}
    </Stack>
  );
}
