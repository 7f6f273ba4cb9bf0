"use client";
import { JOB_ENDED, type Job } from "@muster/model/job";
import Link from "next/link";
import { type ReactNode, useState } from "react";
import { paths } from "../paths.ts";
import { Icon } from "../ui/icon.tsx";
import { Elapsed, RelativeTime } from "../ui/relative-time.tsx";
import { SimulatedBadge } from "../ui/simulated-badge.tsx";
import classes from "./job-row.module.css";
import { useIsSimulated } from "./simulated.ts";
import { currentStep, JobStateMark, jobTitle, settledSteps } from "./state.tsx";
import { JobSteps } from "./steps.tsx";

/** One job in one line; opened, its steps. What failed is open from the start. */
export function JobRow({ job, initiallyOpen = false }: { job: Job; initiallyOpen?: boolean }) {
  const [open, setOpen] = useState(initiallyOpen);
  const simulated = useIsSimulated(job.nodeId);
  return (
    <li className={classes.row}>
      <div className={classes.line}>
        <span className={classes.title}>
          <button type="button" className={classes.toggle} aria-expanded={open} onClick={() => setOpen(!open)}>
            <Icon name={open ? "chevronDown" : "chevronRight"} size={12} />
            <span>{jobTitle(job)}</span>
          </button>
          {simulated && <SimulatedBadge />}
        </span>
        <JobStateMark state={job.state} />
        <span className={classes.now}>{nowText(job)}</span>
        <Progress job={job} />
        <span className={classes.time}>
          {job.startedAt !== null && <Elapsed from={job.startedAt} to={job.endedAt} />}
        </span>
        <span className={classes.time}>
          <RelativeTime at={job.createdAt} />
        </span>
        {job.vpsId !== null && job.kind !== "vps.delete" ? (
          <Link prefetch={false} className={classes.link} href={paths.vps(job.vpsId)}>
            Open
          </Link>
        ) : (
          <span />
        )}
      </div>
      {open && <JobSteps job={job} />}
    </li>
  );
}

function nowText(job: Job): ReactNode {
  if (job.error !== null) return <span className={classes.failure}>{job.error.message}</span>;
  return currentStep(job) ?? (JOB_ENDED[job.state] ? job.nodeName : "Waiting for its turn");
}

function Progress({ job }: { job: Job }) {
  const done = job.steps.filter((step) => step.state === "done").length;
  const settled = settledSteps(job);
  const total = Math.max(1, job.steps.length);
  if (JOB_ENDED[job.state]) return <span className={classes.count}>{`${done} of ${job.steps.length} steps`}</span>;
  return <progress className={classes.bar} max={total} value={settled} aria-label={`${settled} of ${total} steps`} />;
}
