"use client";
/** What came of an action on many: a line for each, with its job as it goes on, or why there is none, or none known. */
import { Button, Group, Modal } from "@mantine/core";
import type { Job } from "@muster/model/job";
import Link from "next/link";
import { JobStateMark } from "../jobs/state.tsx";
import { useJobs } from "../limits/job-outcome.tsx";
import { paths } from "../paths.ts";
import { type Column, DataTable } from "../table/data-table.tsx";
import { Elapsed } from "../ui/relative-time.tsx";
import { StateMark } from "../ui/state-mark.tsx";
import { bulkAction, vpsCount } from "./action-list.ts";
import classes from "./bulk-results.module.css";
import { type BulkRow, type BulkRun, countOf, countText, unknownText } from "./bulk-run.ts";

function columnsFor(jobs: ReadonlyMap<string, Job>): Column<BulkRow, string>[] {
  return [
    {
      id: "name",
      header: "VPS",
      width: "20%",
      cell: (row) => (
        <Link prefetch={false} href={paths.vps(row.vpsId)}>
          {row.name}
        </Link>
      ),
    },
    { id: "node", header: "Node", width: "14%", cell: (row) => row.nodeName },
    { id: "state", header: "Result", width: "116px", cell: (row) => <Result row={row} jobs={jobs} /> },
    { id: "words", header: "What happened", cell: (row) => <Words row={row} jobs={jobs} /> },
    {
      id: "job",
      header: "Job",
      width: "88px",
      cell: (row) =>
        row.outcome === "job" && (
          <Link prefetch={false} href={paths.job(row.jobId)} aria-label={`Open the job of ${row.name}`}>
            Open job
          </Link>
        ),
    },
  ];
}

interface RowProps {
  row: BulkRow;
  jobs: ReadonlyMap<string, Job>;
}

function Result({ row, jobs }: RowProps) {
  if (row.outcome === "refused") return <StateMark tone="failed" label="refused" />;
  if (row.outcome === "unknown") return <StateMark tone="unknown" label="unknown" />;
  const job = row.outcome === "job" ? jobs.get(row.jobId) : undefined;
  return job === undefined ? <StateMark tone="stopped" label="asked" /> : <JobStateMark state={job.state} />;
}

function Words({ row, jobs }: RowProps) {
  if (row.outcome === "unknown") {
    return <span className={classes.unknown}>{unknownText(row.error)}</span>;
  }
  const job = row.outcome === "job" ? jobs.get(row.jobId) : undefined;
  const error = row.outcome === "refused" ? row.error : job?.error;
  if (error !== null && error !== undefined) {
    return (
      <span className={classes.reason} title={error.message}>
        {error.message}
      </span>
    );
  }
  const at = job?.steps.find((step) => step.state === "running");
  return (
    <span className={classes.quiet}>
      {at?.title ?? (job !== undefined && job.startedAt !== null && <Took from={job.startedAt} to={job.endedAt} />)}
    </span>
  );
}

function Took(span: { from: string; to: string | null }) {
  return (
    <>
      took <Elapsed {...span} />
    </>
  );
}

export function BulkResults({ run, onClose }: { run: BulkRun; onClose: () => void }) {
  const jobs = useJobs(run.rows.flatMap((row) => (row.outcome === "job" ? [row.jobId] : [])));
  const count = countOf(run.rows, jobs);
  return (
    <Modal
      opened
      onClose={onClose}
      size={1040}
      title={`${bulkAction(run.action).label}: ${vpsCount(run.rows.length)}`}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <p role="status" aria-label="Results" className={classes.count}>
        {countText(count)}
      </p>
      <div className={classes.table} style={{ height: `min(58vh, ${HEAD_PX + run.rows.length * ROW_PX}px)` }}>
        <DataTable
          label="Results by VPS"
          columns={columnsFor(jobs)}
          rows={run.rows}
          total={run.rows.length}
          rowKey={(row) => row.vpsId}
        />
      </div>
      <Group justify="space-between" mt="md" gap="xs">
        <span className={classes.quiet}>
          {count.underWay > 0 ? "The jobs go on when this is closed; they stand in the task panel too." : ""}
        </span>
        <Button variant="default" onClick={onClose}>
          Close
        </Button>
      </Group>
    </Modal>
  );
}

const ROW_PX = 39;
const HEAD_PX = 38;
