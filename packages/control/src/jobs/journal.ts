/**
 * What a server writes of the jobs that are its own. Every write is guarded by `owner`: when it changes nothing, the
 * job has gone to another server, and the writer drops it. One change is one statement: step rows, job row, event rows
 * and the release of the VPS that it held come together or not at all; and one statement takes many jobs' changes.
 *
 * Progress does not wait for the disk (set_config is local to the statement's transaction; 4 to 5 ms each of a
 * create's 400): should PostgreSQL itself crash in that moment, the step is simply run and told again, or told with the
 * job's end, which tells of all steps. An end does wait, so ends have statements of their own; and so does the beginning of what cannot be taken back, or a job could be
 * cancelled that was past it.
 */
import { type ErrorView, errorViewSchema } from "@muster/model/errors";
import { JOB_ENDED, type Progress, type StepState, stepStateSchema } from "@muster/model/job";
import { z } from "zod";
import type { DatabaseAccess } from "../database-access.ts";
import { type StepOutput, stepOutputSchema } from "../operations/operation.ts";
import { createBatches } from "./batches.ts";

const claimedSchema = z.object({
  id: z.string(),
  kind: z.string(),
  state: z.enum(["running", "undoing"]),
  input: z.unknown(),
  committed: z.boolean(),
  cancel_requested: z.boolean(),
  steps: z.array(
    z.object({
      index: z.number(),
      name: z.string(),
      state: stepStateSchema,
      error: errorViewSchema.nullable(),
      output: stepOutputSchema.nullable(),
    }),
  ),
});
/** A job as it stood when this server took it. */
export type ClaimedJob = z.infer<typeof claimedSchema>;

export interface StepChange {
  index: number;
  state: StepState;
  error?: ErrorView;
  output?: StepOutput;
  /** How long ago it came to that, in ms: a step's end is told with the next step's beginning. */
  agoMs?: number;
  /** It was told before: written only where that was lost. */
  again?: boolean;
}

export type JobEnd =
  | { state: "succeeded" }
  | { state: "failed"; error: ErrorView }
  | { state: "stuck"; error: ErrorView; advice: string };

export interface JobChange {
  jobId: string;
  steps: readonly StepChange[];
  to: JobEnd | { state: "running"; commits: boolean } | { state: "undoing"; error: ErrorView };
  /** When a cancel has been accepted, only the steps that have ended are written. */
  unlessCancelled: boolean;
}

export type Told = "recorded" | "cancelled" | "lost";

export interface Journal {
  claim(slots: { free: number; reserved: number }): Promise<ClaimedJob[]>;
  change(change: JobChange): Promise<Told>;
  /** Written only while the step runs here, and never back: not within a phase, nor to one that was before (a step that is run again). */
  report(jobId: string, stepIndex: number, progress: Progress): Promise<void>;
}

export interface JournalOptions {
  access: DatabaseAccess;
  /** This server's incarnation. */
  me: string;
  deadAfterMs: number;
  /** Of each kind that this version knows, how many at once on one node. */
  caps: Readonly<Record<string, number>>;
}

const LARGEST_BATCH = 100;

export function createJournal(options: JournalOptions): Journal {
  const { access, me, deadAfterMs } = options;
  const caps = JSON.stringify(options.caps);
  const write = (changes: readonly JobChange[]) => writeChanges(access, me, changes);
  const ends = createBatches(LARGEST_BATCH, write);
  const others = createBatches(LARGEST_BATCH, write);
  return {
    async claim({ free, reserved }) {
      const rows = await access.read(
        (db) => db.$queryRaw`
          SELECT * FROM muster_claim_jobs(${me}, ${deadAfterMs} * INTERVAL '1 ms', ${caps}::jsonb, ${free}::int, ${reserved}::int)`,
      );
      // What another version wrote down and this one cannot read is left: the next beat gives it back to those who can.
      return z
        .array(z.unknown())
        .parse(rows)
        .flatMap((row) => claimedSchema.safeParse(row).data ?? []);
    },

    change: (change) => (JOB_ENDED[change.to.state] ? ends : others).put(change),

    async report(jobId, stepIndex, { phase, done, total, unit }) {
      const progress = JSON.stringify({ phase, done, total, unit });
      await access.read(
        (db) => db.$executeRaw`
          WITH reported AS (
            UPDATE job SET progress = ${progress}::jsonb || jsonb_build_object('past', coalesce(progress -> 'past', '[]')
              || CASE WHEN progress ->> 'phase' <> ${phase} THEN progress -> 'phase' ELSE '[]' END)
            WHERE id = ${jobId} AND owner = ${me} AND ended_at IS NULL
              AND (progress IS NULL OR (progress ->> 'phase' <> ${phase} AND NOT coalesce(progress -> 'past' ? ${phase}, false))
                OR (progress ->> 'phase' = ${phase} AND (progress ->> 'done')::float8 < ${done}))
              AND EXISTS (SELECT FROM job_step WHERE job_id = ${jobId} AND index = ${stepIndex} AND state = 'running')
            RETURNING id),
          replaced AS (DELETE FROM job_event USING reported WHERE job_id = reported.id AND state = 'progress'),
          told AS (INSERT INTO job_event (job_id, step, state) SELECT id, '', 'progress' FROM reported)
          SELECT set_config('synchronous_commit', 'off', true)`,
      );
    },
  };
}

const toldSchema = z.array(z.object({ id: z.string(), cancelled: z.boolean() }));

async function writeChanges(access: DatabaseAccess, me: string, changes: readonly JobChange[]): Promise<Told[]> {
  const asked = changes.map(({ jobId, steps, to, unlessCancelled }) => ({
    job: jobId,
    state: to.state,
    ends: JOB_ENDED[to.state],
    commits: "commits" in to && to.commits,
    error: "error" in to ? to.error : null,
    advice: "advice" in to ? to.advice : null,
    unless: unlessCancelled,
    steps,
  }));
  const wait = asked.some(({ ends, commits }) => ends || commits) ? "on" : "off";
  const rows = await access.read(
    (db) => db.$queryRaw`
      WITH mine AS (
        SELECT a.*, a.unless AND j.cancel_requested_at IS NOT NULL AND NOT j.committed AS cancelled
        FROM job j JOIN jsonb_to_recordset(${JSON.stringify(asked)}::jsonb) AS a(
          job TEXT, state TEXT, ends BOOLEAN, commits BOOLEAN, error JSONB, advice TEXT, unless BOOLEAN, steps JSONB)
          ON j.id = a.job
        WHERE j.owner = ${me} AND j.ended_at IS NULL
        FOR UPDATE OF j),
      changed AS (
        UPDATE job j SET
          state = CASE WHEN m.cancelled THEN j.state
            WHEN m.state = 'failed' AND j.cancel_requested_at IS NOT NULL THEN 'cancelled' ELSE m.state END,
          error = coalesce(m.error, j.error), advice = m.advice, progress = NULL,
          committed = j.committed OR (m.commits AND NOT m.cancelled),
          ended_at = CASE WHEN m.ends AND NOT m.cancelled THEN clock_timestamp() END
        FROM mine m WHERE j.id = m.job
        RETURNING j.id, j.state, j.error, j.ended_at IS NOT NULL AS ended, m.cancelled),
      steps AS (
        SELECT m.job, s.* FROM mine m, jsonb_to_recordset(m.steps)
          AS s(index INT, state TEXT, error JSONB, output JSONB, "agoMs" FLOAT8, again BOOLEAN)
        WHERE NOT (m.cancelled AND s.state = 'running')),
      stepped AS (
        UPDATE job_step SET state = s.state,
          started_at = CASE WHEN s.state = 'skipped' THEN NULL ELSE coalesce(job_step.started_at, clock_timestamp()) END,
          ended_at = CASE WHEN s.state = 'running' THEN NULL
            ELSE clock_timestamp() - coalesce(s."agoMs", 0) * INTERVAL '1 millisecond' END,
          -- Why a step failed stays, should its taking back fail too: the job's own error tells of that.
          error = coalesce(job_step.error, s.error), output = coalesce(s.output, job_step.output)
        FROM steps s WHERE job_step.job_id = s.job AND job_step.index = s.index
          AND NOT (coalesce(s.again, false) AND job_step.state = s.state)
        RETURNING job_step.job_id, job_step.name, job_step.index, s.state, s.error),
      released AS (
        UPDATE vps SET holding_job_id = NULL, holding_operation = NULL FROM changed c
        WHERE c.ended AND vps.holding_job_id = c.id),
      step_events AS (
        INSERT INTO job_event (job_id, step, state, error)
        SELECT job_id, name, state, error FROM stepped ORDER BY job_id, index),
      job_events AS (
        INSERT INTO job_event (job_id, state, error) SELECT id, state, error FROM changed WHERE NOT cancelled)
      SELECT id, cancelled, set_config('synchronous_commit', ${wait}, true) FROM changed`,
  );
  const told = new Map(toldSchema.parse(rows).map(({ id, cancelled }) => [id, cancelled]));
  return changes.map(({ jobId }) => {
    const cancelled = told.get(jobId);
    return cancelled === undefined ? "lost" : cancelled ? "cancelled" : "recorded";
  });
}
