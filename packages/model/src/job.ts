/** A job: one run of an operation, with its steps. It is a value: history, progress and truth are the same rows. */
import { z } from "zod";
import { errorViewSchema } from "./errors.ts";
import { jobIdSchema, nodeIdSchema, vpsIdSchema } from "./ids.ts";
import { vpsOperationSchema } from "./vps.ts";

export const jobKindSchema = z.enum([...vpsOperationSchema.options, "template.import"]);
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

export const jobStepSchema = z.object({
  index: z.number().int().nonnegative(),
  /** Stable: "reserve". The title is for people: "Reserve name and address". */
  name: z.string(),
  title: z.string(),
  state: stepStateSchema,
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
  error: errorViewSchema.nullable(),
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
