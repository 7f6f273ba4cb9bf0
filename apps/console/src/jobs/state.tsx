import type { Job, JobState, StepState } from "@muster/model/job";
import { StateMark, StateShape, type Tone } from "../ui/state-mark.tsx";
import { OUTCOME } from "./words.ts";

const TONE_OF_JOB = {
  queued: "stopped",
  running: "busy",
  undoing: "unknown",
  succeeded: "running",
  failed: "failed",
  stuck: "stuck",
  cancelled: "stopped",
} as const satisfies Record<JobState, Tone>;

const TONE_OF_STEP = {
  waiting: "stopped",
  running: "busy",
  done: "running",
  failed: "failed",
  undone: "stopped",
  undo_failed: "failed",
  skipped: "stopped",
} as const satisfies Record<StepState, Tone>;

const STEP_LABEL = {
  waiting: "waiting",
  running: "running",
  done: "done",
  failed: "failed",
  undone: "taken back",
  undo_failed: "could not be taken back",
  skipped: "skipped",
} as const satisfies Record<StepState, string>;

export function JobStateMark({ state, filled = false }: { state: JobState; filled?: boolean }) {
  return <StateMark tone={TONE_OF_JOB[state]} label={OUTCOME[state]} filled={filled} />;
}

export function JobStateShape({ state }: { state: JobState }) {
  return <StateShape tone={TONE_OF_JOB[state]} />;
}

export function StepStateMark({ state }: { state: StepState }) {
  return <StateMark tone={TONE_OF_STEP[state]} label={STEP_LABEL[state]} />;
}

/** What it is at now, in the words of its step; on its way back no step runs. */
export function currentStep(job: Job): string {
  if (job.state === "undoing") return "Taking it back";
  return job.steps.find((step) => step.state === "running")?.title ?? "Waiting for its turn";
}
