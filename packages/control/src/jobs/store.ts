/**
 * Jobs, their steps and their events. A change of a job is one statement: step rows, job row, event row and the
 * release of the VPS that it held come together or not at all, and cost one round trip (a create has four of them).
 */
import { Prisma } from "@muster/db/client";
import { type ErrorView, errorViewSchema, MusterError } from "@muster/model/errors";
import { type Job, type JobKind, type JobPage, type JobState, jobSchema, type StepState } from "@muster/model/job";
import { z } from "zod";
import type { DatabaseAccess } from "../database-access.ts";
import type { JobQuery } from "../fleet.ts";

export interface NewJob {
  id: string;
  kind: JobKind;
  actor: string;
  nodeId: string;
  nodeName: string;
  vpsId: string | null;
  vpsName: string | null;
  input: object;
  steps: readonly { name: string; title: string; state: StepState }[];
}

/** A job about to be written down; its steps wait, but for those that are done by the writing down itself. */
export function newJob(job: Omit<NewJob, "steps">, steps: readonly NewStep[]): NewJob {
  return {
    ...job,
    steps: steps.map(({ name, title, doneBefore }) => ({ name, title, state: doneBefore ? "done" : "waiting" })),
  };
}

interface NewStep {
  name: string;
  title: string;
  doneBefore: boolean;
}

export interface StepChange {
  index: number;
  state: StepState;
  error?: ErrorView;
  /** How long ago it came to that, in ms: a step's end is told with the next step's beginning. */
  agoMs?: number;
}

export interface JobChangeRow {
  jobId: string;
  steps: readonly StepChange[];
  job?: { state: JobState; error?: ErrorView };
}

/** One job to go on with: it was written down and has not ended. */
export interface UnfinishedJob {
  id: string;
  kind: string;
  input: unknown;
}

const JOB = {
  id: true,
  kind: true,
  state: true,
  actor: true,
  nodeId: true,
  nodeName: true,
  vpsId: true,
  vpsName: true,
  error: true,
  createdAt: true,
  startedAt: true,
  endedAt: true,
  steps: {
    select: { index: true, name: true, title: true, state: true, startedAt: true, endedAt: true, error: true },
    orderBy: { index: "asc" },
  },
} as const satisfies Prisma.JobSelect;

type JobRow = Prisma.JobGetPayload<{ select: typeof JOB }>;

const iso = (date: Date | null) => date?.toISOString() ?? null;

function toJob(row: JobRow): Job {
  return jobSchema.parse({
    ...row,
    createdAt: row.createdAt.toISOString(),
    startedAt: iso(row.startedAt),
    endedAt: iso(row.endedAt),
    steps: row.steps.map((step) => ({ ...step, startedAt: iso(step.startedAt), endedAt: iso(step.endedAt) })),
  });
}

/** SQL that inserts a job with its steps and first event; `guard` names a CTE whose rows it hangs on. */
export function insertJobSql(job: NewJob, guard: Prisma.Sql): Prisma.Sql {
  const steps = JSON.stringify(job.steps.map((step, index) => ({ ...step, index })));
  return Prisma.sql`
    new_job AS (
      INSERT INTO job (id, kind, state, actor, node_id, node_name, vps_id, vps_name, input)
      SELECT ${job.id}, ${job.kind}, 'queued', ${job.actor}, ${job.nodeId}, ${job.nodeName}, ${job.vpsId},
        ${job.vpsName}, ${JSON.stringify(job.input)}::jsonb FROM ${guard} RETURNING id),
    new_steps AS (
      INSERT INTO job_step (job_id, index, name, title, state, started_at, ended_at)
      SELECT new_job.id, s.index, s.name, s.title, s.state,
        CASE WHEN s.state = 'done' THEN clock_timestamp() END, CASE WHEN s.state = 'done' THEN clock_timestamp() END
      FROM new_job, jsonb_to_recordset(${steps}::jsonb) AS s(index INT, name TEXT, title TEXT, state TEXT)),
    new_event AS (INSERT INTO job_event (job_id, state) SELECT id, 'queued' FROM new_job)`;
}

const cursorSchema = z.string().transform((text, context) => {
  const [at = "", id = ""] = text.split("_");
  const date = new Date(Number(at));
  if (id !== "" && !Number.isNaN(date.getTime())) return { createdAt: date, id };
  context.addIssue("is not a cursor of this list");
  return z.NEVER;
});

function whereOf(query: JobQuery): Prisma.JobWhereInput {
  return {
    ...(query.vpsId === undefined ? {} : { vpsId: query.vpsId }),
    ...(query.nodeId === undefined ? {} : { nodeId: query.nodeId }),
    ...(query.active === undefined ? {} : { endedAt: query.active ? null : { not: null } }),
  };
}

function afterCursor(cursor: string | undefined): Prisma.JobWhereInput {
  if (cursor === undefined) return {};
  const parsed = cursorSchema.safeParse(cursor);
  if (!parsed.success) {
    throw new MusterError("invalid_input", "The cursor is not one of this list.", {
      field: "cursor",
      cause: parsed.error,
    });
  }
  const { createdAt, id } = parsed.data;
  return { OR: [{ createdAt: { lt: createdAt } }, { createdAt, id: { lt: id } }] };
}

export function createJobStore(access: DatabaseAccess) {
  return {
    async get(jobId: string): Promise<Job> {
      const row = await access.read((db) => db.job.findUnique({ where: { id: jobId }, select: JOB }));
      if (row === null) throw new MusterError("not_found", "This job does not exist.");
      return toJob(row);
    },

    async getMany(jobIds: readonly string[]): Promise<Map<string, Job>> {
      const rows = await access.read((db) => db.job.findMany({ where: { id: { in: [...jobIds] } }, select: JOB }));
      return new Map(rows.map((row) => [row.id, toJob(row)]));
    },

    async list(query: JobQuery): Promise<JobPage> {
      const where = whereOf(query);
      const rows = await access.read((db) =>
        db.job.findMany({
          where: { AND: [where, afterCursor(query.cursor)] },
          select: JOB,
          orderBy: [{ createdAt: "desc" }, { id: "desc" }],
          take: query.limit + 1,
        }),
      );
      const total = await access.read((db) => db.job.count({ where }));
      const items = rows.slice(0, query.limit);
      const last = items.at(-1);
      const nextCursor = rows.length > query.limit && last ? `${last.createdAt.getTime()}_${last.id}` : null;
      return { items: items.map(toJob), total, nextCursor };
    },

    /** Writes down a job that holds no VPS. */
    async add(job: NewJob): Promise<void> {
      const one = Prisma.sql`(SELECT 1) AS always`;
      await access.read((db) => db.$executeRaw`WITH ${insertJobSql(job, one)} SELECT 1`);
    },

    /** @returns false when nothing was changed: the job has ended already, in this or in another process. */
    async change(change: JobChangeRow): Promise<boolean> {
      const rows = await access.read((db) => db.$queryRaw(changeSql(change)));
      return z.array(z.object({ changed: z.number() })).parse(rows).length > 0;
    },

    async unfinished(): Promise<UnfinishedJob[]> {
      return await access.read((db) =>
        db.job.findMany({
          where: { endedAt: null },
          select: { id: true, kind: true, input: true },
          orderBy: { createdAt: "asc" },
        }),
      );
    },

    async stateOf(jobId: string): Promise<JobState | null> {
      const row = await access.read((db) => db.job.findUnique({ where: { id: jobId }, select: { state: true } }));
      return row === null ? null : jobSchema.shape.state.parse(row.state);
    },

    /** The newest event's id per job that changed after the given one, oldest first. */
    async eventsAfter(eventId: bigint): Promise<{ id: bigint; jobId: string }[]> {
      const rows = await access.read((db) =>
        db.jobEvent.groupBy({ by: ["jobId"], where: { id: { gt: eventId } }, _max: { id: true } }),
      );
      return rows
        .map((row) => ({ id: row._max.id ?? 0n, jobId: row.jobId }))
        .sort((one, other) => (one.id < other.id ? -1 : 1));
    },
  };
}
export type JobStore = ReturnType<typeof createJobStore>;

/**
 * Only a job that has not ended changes; `changed` comes back empty when it has.
 *
 * Progress does not wait for the disk (set_config is local to this one statement's transaction; 4 to 5 ms each of
 * a create's 400): should PostgreSQL itself crash in that moment, the step is simply run and told again. An end does.
 */
function changeSql(change: JobChangeRow): Prisma.Sql {
  const steps = JSON.stringify(change.steps.map((step) => ({ ...step, error: step.error ?? null })));
  const error = change.job?.error === undefined ? null : JSON.stringify(errorViewSchema.parse(change.job.error));
  const state = change.job?.state ?? null;
  const ends = state !== null && ["succeeded", "failed", "stuck", "cancelled"].includes(state);
  return Prisma.sql`
    WITH held AS (
      UPDATE job SET state = coalesce(${state}, state), error = coalesce(${error}::jsonb, error),
        started_at = coalesce(started_at, clock_timestamp()),
        ended_at = CASE WHEN ${ends} THEN clock_timestamp() END
      WHERE id = ${change.jobId} AND ended_at IS NULL RETURNING id),
    changes AS (
      SELECT s.* FROM held, jsonb_to_recordset(${steps}::jsonb) AS s(index INT, state TEXT, error JSONB, "agoMs" FLOAT8)),
    stepped AS (
      UPDATE job_step SET state = c.state,
        started_at = CASE WHEN c.state = 'skipped' THEN NULL ELSE coalesce(job_step.started_at, clock_timestamp()) END,
        ended_at = CASE WHEN c.state = 'running' THEN NULL
          ELSE clock_timestamp() - coalesce(c."agoMs", 0) * INTERVAL '1 millisecond' END,
        error = coalesce(c.error, job_step.error)
      FROM changes c WHERE job_step.job_id = ${change.jobId} AND job_step.index = c.index
      RETURNING job_step.job_id, job_step.name, job_step.index, c.state, c.error),
    released AS (
      UPDATE vps SET holding_job_id = NULL, holding_operation = NULL FROM held
      WHERE ${ends} AND vps.holding_job_id = held.id),
    step_events AS (
      INSERT INTO job_event (job_id, step, state, error)
      SELECT job_id, name, state, error FROM stepped ORDER BY index),
    job_events AS (
      INSERT INTO job_event (job_id, state, error) SELECT id, ${state}, ${error}::jsonb FROM held WHERE ${state}::text IS NOT NULL)
    SELECT 1 AS changed, set_config('synchronous_commit', CASE WHEN ${ends} THEN 'on' ELSE 'off' END, true) FROM held`;
}
