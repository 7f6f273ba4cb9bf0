/** What the watchers of jobs ask and mend. Each is one statement, and harmless on several servers at once. */
import { z } from "zod";
import type { DatabaseAccess } from "../database-access.ts";

const releasedSchema = z.array(z.object({ vpsId: z.string(), name: z.string(), jobId: z.string() }));
export type Released = z.infer<typeof releasedSchema>[number];

const lateSchema = z.array(z.object({ jobId: z.string(), step: z.string() }));
export type Late = z.infer<typeof lateSchema>[number];

/** How long each step of each kind may take. */
export type Deadlines = Readonly<Record<string, Readonly<Record<string, number>>>>;

export function createJobUpkeep(access: DatabaseAccess) {
  return {
    /** VPSs that are held by a job that has ended or does not exist. */
    async releaseHeldByNobody(): Promise<Released[]> {
      const rows = await access.read(
        (db) => db.$queryRaw`
          WITH left_behind AS (
            SELECT id, name, holding_job_id FROM vps
            WHERE holding_job_id IS NOT NULL
              AND NOT EXISTS (SELECT FROM job WHERE job.id = vps.holding_job_id AND job.ended_at IS NULL)
            FOR UPDATE SKIP LOCKED)
          UPDATE vps SET holding_job_id = NULL, holding_operation = NULL
          FROM left_behind l WHERE vps.id = l.id AND vps.holding_job_id = l.holding_job_id
          RETURNING vps.id AS "vpsId", l.name, l.holding_job_id AS "jobId"`,
      );
      return releasedSchema.parse(rows);
    },

    /**
     * Stuck jobs whose node or VPS is no longer in the inventory: nobody can mend what is not there, and what waits for
     * a person waits for nothing. A delete whose VPS is gone is left: retried, it says that it succeeded. Not in the first
     * three seconds: whoever waits for the job is to see why it was stuck.
     */
    async endWhatIsGone(): Promise<string[]> {
      const rows = await access.read(
        (db) => db.$queryRaw`
          WITH gone AS (
            UPDATE job SET state = 'failed', advice = NULL
            WHERE state = 'stuck' AND ended_at < clock_timestamp() - INTERVAL '3 seconds' AND (NOT EXISTS (SELECT FROM node WHERE node.id = job.node_id)
              OR (kind <> 'vps.delete' AND vps_id IS NOT NULL AND NOT EXISTS (SELECT FROM vps WHERE vps.id = job.vps_id)))
            RETURNING id),
          told AS (INSERT INTO job_event (job_id, state) SELECT id, 'failed' FROM gone)
          SELECT id FROM gone`,
      );
      return z
        .array(z.object({ id: z.string() }))
        .parse(rows)
        .map(({ id }) => id);
    },

    /** Jobs whose step has run for more than twice its deadline; each is given the advice, and told of, once per step. */
    async adviseLate(deadlines: Deadlines, advice: { cancel: string; wait: string }): Promise<Late[]> {
      const rows = await access.read(
        (db) => db.$queryRaw`
          WITH late AS (
            UPDATE job SET advice = CASE WHEN job.committed THEN ${advice.wait} ELSE ${advice.cancel} END
            FROM job_step s
            WHERE job.ended_at IS NULL AND job.advice IS NULL AND s.job_id = job.id AND s.state = 'running'
              AND s.started_at < clock_timestamp() - 2 * INTERVAL '1 ms'
                * (${JSON.stringify(deadlines)}::jsonb -> job.kind ->> s.name)::float8
            RETURNING job.id, job.state, s.name),
          told AS (INSERT INTO job_event (job_id, state) SELECT id, state FROM late)
          SELECT id AS "jobId", name AS step FROM late`,
      );
      return lateSchema.parse(rows);
    },

    /** @returns how many events went: of jobs that ended that long ago, at most `limit` at once. */
    async dropEvents(olderThanDays: number, limit: number): Promise<number> {
      return await access.read(
        (db) => db.$executeRaw`
          DELETE FROM job_event WHERE id IN (
            SELECT e.id FROM job_event e JOIN job j ON j.id = e.job_id
            WHERE e.at < clock_timestamp() - ${olderThanDays}::int * INTERVAL '1 day'
              AND j.ended_at < clock_timestamp() - ${olderThanDays}::int * INTERVAL '1 day'
            LIMIT ${limit}::int)`,
      );
    },

    /** @returns how many jobs went, with their steps and events. */
    async dropJobs(olderThanDays: number, limit: number): Promise<number> {
      return await access.read(
        (db) => db.$executeRaw`
          DELETE FROM job WHERE id IN (
            SELECT id FROM job
            WHERE created_at < clock_timestamp() - ${olderThanDays}::int * INTERVAL '1 day'
              AND ended_at < clock_timestamp() - ${olderThanDays}::int * INTERVAL '1 day'
            ORDER BY created_at LIMIT ${limit}::int)`,
      );
    },
  };
}
export type JobUpkeep = ReturnType<typeof createJobUpkeep>;
