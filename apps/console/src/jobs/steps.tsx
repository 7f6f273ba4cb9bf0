import type { Job, JobStep } from "@muster/model/job";
import { adviceFor } from "../trpc/error-view.ts";
import { Facts } from "../ui/facts.tsx";
import { Elapsed, RelativeTime } from "../ui/relative-time.tsx";
import { outputFacts } from "./output-facts.ts";
import { PhaseBar, progressText } from "./progress.tsx";
import { StepStateMark } from "./state.tsx";
import classes from "./steps.module.css";

/** What is to be done: a stuck job has advice of its own, any other failure that of its code. */
export function whatToDo({ advice, error }: Pick<Job, "advice" | "error">): string | null {
  if (advice !== null || error === null) return advice;
  // Elsewhere that code says "open the job": here it is open.
  if (error.code === "engine_failed")
    return "The step that failed has the engine's words. Retry asks for the same again.";
  return adviceFor(error);
}

/** The steps of one job, as they happen. */
export function JobSteps({ job }: { job: Job }) {
  return (
    <div className={classes.steps}>
      {job.error !== null && (
        <p className={classes.error}>
          {job.error.message} <span className={classes.advice}>{whatToDo(job)}</span>
        </p>
      )}
      <StepList job={job} detailed={false} />
      <p className={classes.origin}>
        Job <code>{job.id}</code>, asked for by {job.actor}, on {job.nodeName}
      </p>
    </div>
  );
}

/** @param props.detailed with when each began and what it found */
export function StepList({ job, detailed }: { job: Job; detailed: boolean }) {
  return (
    <ol className={classes.list} aria-label={`Steps of job ${job.id}`}>
      {job.steps.map((step) => (
        <Step key={step.index} step={step} job={job} detailed={detailed} />
      ))}
    </ol>
  );
}

function Step({ step, job, detailed }: { step: JobStep; job: Job; detailed: boolean }) {
  const facts = step.output === null ? [] : outputFacts(step.output);
  const progress = step.state === "running" ? job.progress : null;
  return (
    <li className={classes.step} data-detailed={detailed || undefined} data-state={step.state}>
      <span className={classes.title}>{step.title}</span>
      <StepStateMark state={step.state} />
      <span className={classes.time}>
        {step.startedAt !== null && <Elapsed from={step.startedAt} to={step.endedAt} />}
      </span>
      {detailed && (
        <span className={classes.when}>{step.startedAt !== null && <RelativeTime at={step.startedAt} />}</span>
      )}
      {progress !== null && (
        <div className={classes.below}>
          <PhaseBar job={job} />
          {progressText(progress)}
        </div>
      )}
      {step.error !== null && <p className={classes.reason}>{step.error.message}</p>}
      {detailed && facts.length > 0 && (
        <div className={classes.below}>
          <Facts items={facts} />
        </div>
      )}
    </li>
  );
}
