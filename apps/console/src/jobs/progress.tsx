"use client";
/**
 * How far a job has come: what was counted, in its own units. Where nothing is counted there is no bar, only how long it
 * has been at it; and a phase that follows another has a bar of its own, so that none ever moves backwards.
 */
import { JOB_ENDED, type Job, type Progress } from "@muster/model/job";
import { formatBytes } from "@muster/model/units";
import { useState } from "react";
import { Elapsed } from "../ui/relative-time.tsx";
import classes from "./progress.module.css";
import { spanOf } from "./words.ts";

function counted(value: number, unit: Progress["unit"]): string {
  return unit === "bytes" ? formatBytes(value) : value.toLocaleString("en-GB");
}

/** "Copy files: 1.2 GiB of 4.0 GiB"; "Unpack: 340 files so far" where the end is not known. */
export function progressText({ phase, done, total, unit }: Progress): string {
  const noun = unit === "bytes" ? "" : ` ${unit}`;
  if (total === null) return `${phase}: ${counted(done, unit)}${noun} so far`;
  return `${phase}: ${counted(done, unit)} of ${counted(total, unit)}${noun}`;
}

/** The bar of the phase under way; nothing where there is nothing to draw. */
export function PhaseBar({ job }: { job: Job }) {
  const { progress } = job;
  if (progress === null || progress.total === null || progress.total === 0 || JOB_ENDED[job.state]) return null;
  const step = job.steps.findIndex(({ state }) => state === "running");
  return <Bar key={`${step}/${progress.phase}`} progress={progress} share={progress.done / progress.total} />;
}

/** Changes may arrive out of their order, and a total may grow: the furthest that was shown stays shown. */
function Bar({ progress, share }: { progress: Progress; share: number }) {
  const [furthest, setFurthest] = useState(share);
  if (share > furthest) setFurthest(share);
  const text = progressText(progress);
  return (
    <progress className={classes.bar} max={1} value={Math.min(1, furthest)} aria-label={text} title={text}>
      {text}
    </progress>
  );
}

/** "step 2 of 5" */
export function stepText(job: Pick<Job, "steps">): string | null {
  const at = job.steps.findIndex(({ state }) => state === "running");
  return at === -1 ? null : `step ${at + 1} of ${job.steps.length}`;
}

const DOING = { queued: "waiting", running: "running", undoing: "being taken back" } as const;

/** "running for 12 s" while it runs; afterwards how long it took. */
export function Span({ job }: { job: Job }) {
  const { from, to, waiting } = spanOf(job);
  const { state } = job;
  const under = state === "queued" || state === "running" || state === "undoing";
  return (
    <span className={classes.span}>
      {under && `${waiting ? DOING.queued : DOING[state]} for `}
      <Elapsed from={from} to={to} />
    </span>
  );
}
