/** Jobs as they are written down and read. What a server writes of those that are its own is journal.ts. */
import { Prisma } from "@muster/db/client";
import { MusterError } from "@muster/model/errors";
import { type Job, type JobKind, type JobPage, type JobState, jobSchema, type StepState } from "@muster/model/job";
import { z } from "zod";
import type { DatabaseAccess } from "../database-access.ts";
import type { JobQuery } from "../fleet.ts";
import { afterCursor, cursorOf, whereOf } from "./filter.ts";
import { insertJobsSql } from "./insert-store.ts";

export interface NewJob {
  id: string;
  kind: JobKind;
  actor: string;
  nodeId: string;
  nodeName: string;
  vpsId: string | null;
  vpsName: string | null;
  input: object;
  /** The job that it tries again. */
  retryOf: string | null;
  steps: readonly { name: string; title: string; state: StepState; commits: boolean }[];
}

/** A job about to be written down; its steps wait, but for those that are done by the writing down itself. */
export function newJob(job: AskedJob, steps: readonly NewStep[]): NewJob {
  return {
    ...job,
    retryOf: job.retryOf ?? null,
    steps: steps.map(({ name, title, doneBefore, commits }) => ({
      ...{ name, title, commits },
      state: doneBefore ? "done" : "waiting",
    })),
  };
}

type AskedJob = Omit<NewJob, "steps" | "retryOf"> & { retryOf?: string | null | undefined };

interface NewStep {
  name: string;
  title: string;
  doneBefore: boolean;
  commits: boolean;
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
  advice: true,
  progress: true,
  committed: true,
  cancelRequestedAt: true,
  cancelRequestedBy: true,
  resumedAt: true,
  resumedBy: true,
  retryOf: true,
  createdAt: true,
  startedAt: true,
  endedAt: true,
  steps: {
    select: {
      ...{ index: true, name: true, title: true, state: true, startedAt: true, endedAt: true },
      ...{ error: true, output: true },
    },
    orderBy: { index: "asc" },
  },
} as const satisfies Prisma.JobSelect;

type JobRow = Prisma.JobGetPayload<{ select: typeof JOB }>;

const iso = (date: Date | null) => date?.toISOString() ?? null;

/** A cancel may be accepted when a step without an undo is just done: the job goes on (operations/run-job.ts). */
const isOverruled = ({ state, committed }: JobRow) => state === "succeeded" || (committed && state !== "cancelled");

function toJob(row: JobRow): Job {
  return jobSchema.parse({
    ...row,
    cancelRequested: row.cancelRequestedAt !== null,
    cancelledBy: isOverruled(row) ? null : row.cancelRequestedBy,
    resumedAt: iso(row.resumedAt),
    createdAt: row.createdAt.toISOString(),
    startedAt: iso(row.startedAt),
    endedAt: iso(row.endedAt),
    steps: row.steps.map((step) => ({ ...step, startedAt: iso(step.startedAt), endedAt: iso(step.endedAt) })),
  });
}

/** One job of insert-store.ts; `guard` names a CTE whose row it hangs on. */
export function insertJobSql(job: NewJob, guard: Prisma.Sql): Prisma.Sql {
  return insertJobsSql([job], Prisma.sql`(SELECT ${job.id}::text AS job_id FROM ${guard})`);
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
      const nextCursor = rows.length > query.limit && last ? cursorOf(last) : null;
      return { items: items.map(toJob), total, nextCursor };
    },

    /** Writes down a job that holds no VPS. */
    async add(job: NewJob): Promise<void> {
      const one = Prisma.sql`(SELECT 1) AS always`;
      await access.read((db) => db.$executeRaw`WITH ${insertJobSql(job, one)} SELECT 1`);
    },

    /** As it was written down; the operation's own schema knows its shape. */
    async inputOf(jobId: string): Promise<unknown> {
      const row = await access.read((db) => db.job.findUnique({ where: { id: jobId }, select: { input: true } }));
      if (row === null) throw new MusterError("not_found", "This job does not exist.");
      return row.input;
    },

    async stateOf(jobId: string): Promise<JobState | null> {
      const row = await access.read((db) => db.job.findUnique({ where: { id: jobId }, select: { state: true } }));
      return row === null ? null : jobSchema.shape.state.parse(row.state);
    },

    /** In the order of the alphabet. One look into the index for each, however many jobs they asked for. */
    async actors(): Promise<string[]> {
      const rows = await access.read(
        (db) => db.$queryRaw`
          WITH RECURSIVE actors AS (
            SELECT min(actor) AS actor FROM job
            UNION ALL
            SELECT (SELECT min(actor) FROM job WHERE job.actor > actors.actor) FROM actors WHERE actors.actor IS NOT NULL)
          SELECT actor FROM actors WHERE actor IS NOT NULL`,
      );
      return z
        .array(z.object({ actor: z.string() }))
        .parse(rows)
        .map(({ actor }) => actor);
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
