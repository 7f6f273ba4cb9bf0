import type { Job } from "@muster/model/job";
import { KIND_TITLE } from "@muster/model/job-title";
import Link from "next/link";
import { paths } from "../paths.ts";
import type { Column } from "../table/data-table.tsx";
import { Elapsed, RelativeTime } from "../ui/relative-time.tsx";
import { SimulatedBadge } from "../ui/simulated-badge.tsx";
import type { Within } from "./filter.ts";
import classes from "./history-columns.module.css";
import { isNodeGone, isVpsGone, type KnownFleet } from "./known-fleet.ts";
import { progressText } from "./progress.tsx";
import { JobStateMark } from "./state.tsx";
import { jobTitle, spanOf } from "./words.ts";

type JobColumn = Column<Job, never>;

/** What the page is about already has no column of its own. */
export function historyColumns(within: Within, known: KnownFleet | null): JobColumn[] {
  const vps: JobColumn = { id: "vps", header: "VPS", width: "15%", cell: (job) => <VpsCell job={job} known={known} /> };
  const node: JobColumn = {
    id: "node",
    header: "Node",
    width: "16%",
    cell: (job) => <NodeCell job={job} known={known} />,
  };
  return [
    { id: "what", header: "What", width: "140px", cell: (job) => <WhatCell job={job} /> },
    ...(within.vpsId === undefined ? [vps] : []),
    ...(within.nodeId === undefined && within.vpsId === undefined ? [node] : []),
    { id: "outcome", header: "Outcome", cell: (job) => <OutcomeCell job={job} /> },
    { id: "who", header: "Who", width: "15%", cell: (job) => <span title={job.actor}>{job.actor}</span> },
    { id: "when", header: "When", width: "106px", cell: (job) => <RelativeTime at={job.createdAt} /> },
    { id: "span", header: "How long", width: "96px", align: "end", cell: (job) => <SpanCell job={job} /> },
  ];
}

function WhatCell({ job }: { job: Job }) {
  return (
    <Link prefetch={false} className={classes.what} href={paths.job(job.id)} aria-label={jobTitle(job)}>
      {KIND_TITLE[job.kind]}
    </Link>
  );
}

interface CellProps {
  job: Job;
  known: KnownFleet | null;
}

/** A VPS that was deleted has no page any more: its history is under its name. */
function VpsCell({ job, known }: CellProps) {
  if (job.vpsId === null) return <span className={classes.none}>none</span>;
  const isDeleted = job.kind === "vps.delete" && job.state === "succeeded";
  if (isDeleted || isVpsGone(known, job.vpsId)) return <span title={job.vpsName ?? undefined}>{job.vpsName}</span>;
  return (
    <Link prefetch={false} href={paths.vps(job.vpsId)} title={job.vpsName ?? undefined}>
      {job.vpsName}
    </Link>
  );
}

function NodeCell({ job, known }: CellProps) {
  if (isNodeGone(known, job.nodeId)) return <span title="It is no longer in the fleet.">{job.nodeName}</span>;
  return (
    <span className={classes.node}>
      <Link prefetch={false} className={classes.link} href={paths.node(job.nodeId)}>
        {job.nodeName}
      </Link>
      {known?.nodes.get(job.nodeId)?.simulated && <SimulatedBadge />}
    </span>
  );
}

function OutcomeCell({ job }: { job: Job }) {
  const said = job.error?.message ?? (job.progress === null ? null : progressText(job.progress));
  return (
    <span className={classes.outcome}>
      <JobStateMark state={job.state} filled={job.state === "stuck"} />
      {said !== null && (
        <span className={classes.said} title={said}>
          {said}
        </span>
      )}
    </span>
  );
}

function SpanCell({ job }: { job: Job }) {
  const { from, to, waiting } = spanOf(job);
  return (
    <span className={waiting ? classes.none : undefined} title={waiting ? "It waits for its turn." : undefined}>
      <Elapsed from={from} to={to} />
    </span>
  );
}
