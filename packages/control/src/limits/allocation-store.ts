/** The history of allocations: who changed what, when, from, to. It outlives the VPS. */
import { LIMIT_NAMES, type LimitName, type Limits } from "@muster/model/limits/registry";
import { type AllocationChange, allocationChangeSchema } from "@muster/model/vps";
import { z } from "zod";
import type { DatabaseAccess } from "../database-access.ts";

const rowSchema = z.object({
  id: z.bigint().transform(String),
  at: z.date().transform((at) => at.toISOString()),
  actor: z.string(),
  limit: z.string(),
  /** "from" cannot be told by itself: SQL's NULL (at creation) and JSON's null (no limit) both arrive as null. */
  created: z.boolean(),
  from: z.unknown(),
  to: z.unknown(),
  until: z
    .date()
    .transform((until) => until.toISOString())
    .nullable(),
  jobId: z.string().nullable(),
});

/** A limit that this version does not know (it was of a later one) is passed over. */
const known: ReadonlySet<string> = new Set<LimitName>(LIMIT_NAMES);
const LONGEST = 5_000;

export interface RecordedChange {
  jobId: string;
  vpsId: string;
  before: Limits;
  after: Limits;
  names: readonly LimitName[];
  until: string | null;
}

export function createAllocationStore(access: DatabaseAccess) {
  return {
    async list(vpsId: string): Promise<AllocationChange[]> {
      const rows = await access.read(
        (db) => db.$queryRaw`
          SELECT id, at, actor, limit_name AS "limit", "from" IS NULL AS created, "from", "to", until, job_id AS "jobId"
          FROM allocation_change WHERE vps_id = ${vpsId} ORDER BY id DESC LIMIT ${LONGEST}`,
      );
      return z
        .array(rowSchema)
        .parse(rows)
        .filter(({ limit }) => known.has(limit))
        .map(({ created, from, ...row }) => allocationChangeSchema.parse(created ? row : { ...row, from }));
    },

    /**
     * Writes a change of limits into the history. What is to be set back at a certain time is written down too. Doing it
     * twice does it once.
     *
     * What was asked for last holds: ends of the same limits that would come before its own fall away, and it goes back
     * to what they would have gone back to, or what was lent for a day would stay for ever. A later end stands, and a
     * setting back takes away none.
     *
     * A setting back that failed and is tried again is still one: each retry says what it tries again, up to the first
     * try. The end becomes the retry's here, when the limits are back, and not when the retry is written down: until then
     * it says why they are not, and the first try may be retried twice.
     */
    async record(change: RecordedChange): Promise<void> {
      const { jobId, vpsId, before, after, until } = change;
      const names = [...change.names];
      const changes = JSON.stringify(names.map((limit) => ({ limit, from: before[limit], to: after[limit] })));
      const back = JSON.stringify(Object.fromEntries(names.map((limit) => [limit, before[limit]])));
      const end = until === null ? null : new Date(until);
      await access.read(
        (db) => db.$executeRaw`
          WITH RECURSIVE tries AS (
            SELECT id, retry_of FROM job WHERE id = ${jobId}
            UNION ALL
            SELECT job.id, job.retry_of FROM tries JOIN job ON job.id = tries.retry_of),
          set_back AS (
            UPDATE timed_change t SET job_id = ${jobId} FROM tries
            WHERE t.vps_id = ${vpsId} AND t.job_id = tries.id RETURNING t.id),
          changed AS (
            INSERT INTO allocation_change (vps_id, actor, limit_name, "from", "to", until, job_id)
            SELECT ${vpsId}, j.actor, c->>'limit', c->'from', c->'to', ${end}::timestamptz, j.id
            FROM job j, jsonb_array_elements(${changes}::jsonb) AS c WHERE j.id = ${jobId}
            ON CONFLICT (job_id, limit_name) DO NOTHING),
          overtaken AS (
            SELECT id, due_at, back FROM timed_change
            WHERE vps_id = ${vpsId} AND state = 'pending' AND made_by_job_id <> ${jobId}
              AND jsonb_exists_any(back, ${names}::text[]) AND due_at <= coalesce(${end}::timestamptz, 'infinity')
              AND NOT EXISTS (SELECT FROM set_back)),
          superseded AS (
            UPDATE timed_change t SET
              state = CASE WHEN t.back - ${names}::text[] = '{}'::jsonb THEN 'superseded' ELSE t.state END,
              back = CASE WHEN t.back - ${names}::text[] = '{}'::jsonb THEN t.back ELSE t.back - ${names}::text[] END,
              reason = CASE WHEN t.back - ${names}::text[] = '{}'::jsonb THEN ${changedAgain(jobId)} END
            FROM overtaken WHERE t.id = overtaken.id),
          lent AS (
            SELECT jsonb_object_agg(e.key, e.value ORDER BY o.due_at) AS back
            FROM overtaken o, jsonb_each(o.back) e WHERE e.key = ANY (${names}::text[]))
          INSERT INTO timed_change (id, vps_id, vps_name, actor, due_at, back, state, made_by_job_id)
          SELECT ${`t${jobId.slice(1)}`}, ${vpsId}, j.vps_name, j.actor, ${end}::timestamptz,
            ${back}::jsonb || coalesce(lent.back, '{}'), 'pending', j.id
          FROM job j, lent WHERE j.id = ${jobId} AND ${end}::timestamptz IS NOT NULL
          ON CONFLICT (made_by_job_id) DO NOTHING`,
      );
    },

    /** The change did not come to be after all. Ends that had wholly fallen away for it stand again. */
    async strike(jobId: string): Promise<void> {
      await access.read(
        (db) => db.$executeRaw`
          WITH changed AS (DELETE FROM allocation_change WHERE job_id = ${jobId}),
          ended AS (DELETE FROM timed_change WHERE made_by_job_id = ${jobId} AND state = 'pending')
          UPDATE timed_change SET state = 'pending', reason = NULL
          WHERE state = 'superseded' AND reason = ${changedAgain(jobId)}`,
      );
    },
  };
}

const changedAgain = (jobId: string) => `Changed again by job ${jobId}.`;

export type AllocationStore = ReturnType<typeof createAllocationStore>;
