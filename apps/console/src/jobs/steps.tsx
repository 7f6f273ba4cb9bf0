import type { Job, JobStep } from "@muster/model/job";
import { adviceFor } from "../trpc/error-view.ts";
import { Elapsed } from "../ui/relative-time.tsx";
import { StepStateMark } from "./state.tsx";
import classes from "./steps.module.css";

/** The steps of one job, as they happen. */
export function JobSteps({ job }: { job: Job }) {
  return (
    <div className={classes.steps}>
      {job.error !== null && (
        <p className={classes.error}>
          {job.error.message} <span className={classes.advice}>{adviceFor(job.error)}</span>
        </p>
      )}
      <ol className={classes.list} aria-label={`Steps of job ${job.id}`}>
        {job.steps.map((step) => (
          <Step key={step.index} step={step} />
        ))}
      </ol>
      <p className={classes.origin}>
        Job <code>{job.id}</code>, asked for by {job.actor}, on {job.nodeName}
      </p>
    </div>
  );
}

function Step({ step }: { step: JobStep }) {
  return (
    <li className={classes.step}>
      <span className={classes.title}>{step.title}</span>
      <StepStateMark state={step.state} />
      <span className={classes.time}>
        {step.startedAt !== null && <Elapsed from={step.startedAt} to={step.endedAt} />}
      </span>
      {step.error !== null && <span className={classes.reason}>{step.error.message}</span>}
    </li>
  );
}
