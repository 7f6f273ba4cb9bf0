"use client";
import { JOB_ENDED, type Job } from "@muster/model/job";
import Link from "next/link";
import { type ReactNode, useState } from "react";
import { paths } from "../paths.ts";
import { ActionButton } from "../ui/action-button.tsx";
import { Icon } from "../ui/icon.tsx";
import { RelativeTime } from "../ui/relative-time.tsx";
import { SimulatedBadge } from "../ui/simulated-badge.tsx";
import { useJobActions } from "./actions.tsx";
import classes from "./job-row.module.css";
import { PhaseBar, progressText, Span, stepText } from "./progress.tsx";
import { useIsSimulated } from "./simulated.ts";
import { currentStep, JobStateMark } from "./state.tsx";
import { JobSteps } from "./steps.tsx";
import { jobTitle } from "./words.ts";

/** One job in one line; opened, its steps. A stuck one says what to do without being asked. */
export function JobRow({ job }: { job: Job }) {
  const [open, setOpen] = useState(false);
  const simulated = useIsSimulated(job.nodeId);
  const stuck = job.state === "stuck";
  return (
    <li className={classes.row} data-stuck={stuck || undefined}>
      <div className={classes.line}>
        <span className={classes.title}>
          <button type="button" className={classes.toggle} aria-expanded={open} onClick={() => setOpen(!open)}>
            <Icon name={open ? "chevronDown" : "chevronRight"} size={12} />
            <span>{jobTitle(job)}</span>
          </button>
          {simulated && <SimulatedBadge />}
        </span>
        <JobStateMark state={job.state} filled={stuck} />
        <span className={classes.now}>{nowText(job)}</span>
        <Counted job={job} />
        <span className={classes.time}>
          <Span job={job} />
        </span>
        <span className={classes.time}>
          <RelativeTime at={job.createdAt} />
        </span>
        <RowAction job={job} />
        <Link prefetch={false} className={classes.link} href={paths.job(job.id)} aria-label={`Open ${jobTitle(job)}`}>
          Open
        </Link>
      </div>
      {stuck && job.advice !== null && !open && (
        <p className={classes.advice}>
          <strong>What to do:</strong> {job.advice}
        </p>
      )}
      {open && <JobSteps job={job} />}
    </li>
  );
}

function nowText(job: Job): ReactNode {
  if (job.error !== null) {
    return (
      <span className={classes.failure} title={job.error.message}>
        {job.error.message}
      </span>
    );
  }
  if (JOB_ENDED[job.state]) return job.nodeName;
  if (job.cancelRequested && job.state !== "undoing") return "Cancelled: it is taken back as soon as its step lets go";
  if (job.progress !== null) return progressText(job.progress);
  return currentStep(job);
}

function Counted({ job }: { job: Job }) {
  const done = job.steps.filter((step) => step.state === "done").length;
  if (JOB_ENDED[job.state]) return <span className={classes.count}>{`${done} of ${job.steps.length} steps`}</span>;
  if (job.progress?.total) return <PhaseBar job={job} />;
  return <span className={classes.count}>{stepText(job)}</span>;
}

/** The one thing that may be asked of it next; of one that succeeded, nothing. */
function RowAction({ job }: { job: Job }) {
  const { cancel, retry } = useJobActions(job);
  if (job.state === "succeeded") return <span />;
  const action = JOB_ENDED[job.state] ? retry : cancel;
  return (
    <ActionButton
      variant={job.state === "stuck" ? "filled" : "subtle"}
      size="compact-xs"
      loading={action.pending}
      disabledReason={action.disabledReason}
      onPress={action.run}
      label={`${action.label} ${jobTitle(job)}`}
    >
      {action.label}
    </ActionButton>
  );
}
