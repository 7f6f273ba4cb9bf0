/** A job: one run of an operation, with its steps. It is a value: history, progress and truth are the same rows. */
import { z } from "zod";
import { errorViewSchema } from "./errors.ts";
import { jobIdSchema, nodeIdSchema, vpsIdSchema } from "./ids.ts";
import type { Permission } from "./permission.ts";
import { vpsOperationSchema } from "./vps.ts";

export const jobKindSchema = z.enum([...vpsOperationSchema.options, "template.import", "node.enrol", "node.remove"]);
export type JobKind = z.infer<typeof jobKindSchema>;

/**
 * `undoing`: a step failed before the commit point and what was done is being taken back.
 * `stuck`: it can go neither forward nor back by itself; `error` says what the operator can do.
 */
export const jobStateSchema = z.enum(["queued", "running", "undoing", "succeeded", "failed", "stuck", "cancelled"]);
export type JobState = z.infer<typeof jobStateSchema>;

export const JOB_ENDED = {
  queued: false,
  running: false,
  undoing: false,
  succeeded: true,
  failed: true,
  stuck: true,
  cancelled: true,
} as const satisfies Record<JobState, boolean>;

export const stepStateSchema = z.enum(["waiting", "running", "done", "failed", "undone", "undo_failed", "skipped"]);
export type StepState = z.infer<typeof stepStateSchema>;

/**
 * How far a step has come, in units that can be counted. Within one phase `done` never goes back, and phases follow
 * one another; what cannot be counted is not reported.
 */
export const progressSchema = z.object({
  phase: z.string(),
  done: z.number().nonnegative(),
  /** Null: not known. */
  total: z.number().nonnegative().nullable(),
  unit: z.enum(["bytes", "steps", "files"]),
});
export type Progress = z.infer<typeof progressSchema>;

export const jobStepSchema = z.object({
  index: z.number().int().nonnegative(),
  /** Stable: "reserve". The title is for people: "Reserve name and address". */
  name: z.string(),
  title: z.string(),
  state: stepStateSchema,
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
  error: errorViewSchema.nullable(),
  /** What the step found or made, as the operation's own schema has it; null when it says nothing. */
  output: z.record(z.string(), z.json()).nullable(),
});
export type JobStep = z.infer<typeof jobStepSchema>;

export const jobSchema = z.object({
  id: jobIdSchema,
  kind: jobKindSchema,
  state: jobStateSchema,
  actor: z.string(),
  nodeId: nodeIdSchema,
  nodeName: z.string(),
  vpsId: vpsIdSchema.nullable(),
  /** Kept with the job, so the history still reads after the VPS is gone. */
  vpsName: z.string().nullable(),
  steps: z.array(jobStepSchema),
  error: errorViewSchema.nullable(),
  /** What the operator can do about a stuck job, in one sentence; null otherwise. */
  advice: z.string().nullable(),
  /** Of the step that runs; null when it counts nothing. */
  progress: progressSchema.nullable(),
  /** Past the point of no return: there is only forward. */
  committed: z.boolean(),
  cancelRequested: z.boolean(),
  /** Whose cancel was accepted. Null: nobody's, or it came when half was done for good and the job went on. */
  cancelledBy: z.string().nullable(),
  /** Who set it going again when it was stuck, the last time; null: nobody yet. */
  resumedBy: z.string().nullable(),
  resumedAt: z.iso.datetime().nullable(),
  /** The job that this one tries again. */
  retryOf: jobIdSchema.nullable(),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
});
export type Job = z.infer<typeof jobSchema>;

export const jobPageSchema = z.object({
  items: z.array(jobSchema),
  total: z.number().int().nonnegative(),
  nextCursor: z.string().nullable(),
});
export type JobPage = z.infer<typeof jobPageSchema>;

export type JobFacts = Pick<Job, "state" | "committed" | "cancelRequested">;

const YES: Permission = { allowed: true };
const no = (reason: string): Permission => ({ allowed: false, reason });

/** The rule table of jobs: it serves the button, the procedure and the control plane. */
export const jobCan = {
  cancel(job: JobFacts): Permission {
    if (JOB_ENDED[job.state]) return no("It has ended.");
    if (job.cancelRequested) return no("It is being cancelled.");
    if (job.state === "undoing") return no("It is being taken back already.");
    return job.committed ? no("It is past the point of no return: it can only go on.") : YES;
  },
  /** A stuck job goes on where it stood; one that failed or was cancelled is asked for again as a new job. */
  retry(job: JobFacts): Permission {
    if (!JOB_ENDED[job.state]) return no("It has not ended.");
    return job.state === "succeeded" ? no("It succeeded.") : YES;
  },
} as const satisfies Record<string, (job: JobFacts) => Permission>;
