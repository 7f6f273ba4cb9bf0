/** What people ask of jobs that exist. The database decides: each is one statement, guarded by the job's own state. */
import { z } from "zod";
import type { DatabaseAccess } from "../database-access.ts";
import { onItsWayBack, overtaking } from "./overtaken-store.ts";

const changedSchema = z.array(z.object({ id: z.string() }));

export function createJobRequests(access: DatabaseAccess) {
  return {
    /** @returns false when the job is not one that `jobCan.cancel` allows (the same rule, in SQL). */
    async cancel(jobId: string, actor: string): Promise<boolean> {
      const rows = await access.read(
        (db) => db.$queryRaw`
          WITH asked AS (
            UPDATE job SET cancel_requested_at = clock_timestamp(), cancel_requested_by = ${actor}
            WHERE id = ${jobId} AND state IN ('queued', 'running') AND cancel_requested_at IS NULL AND NOT committed
            RETURNING id),
          told AS (INSERT INTO job_event (job_id, state) SELECT id, 'cancel' FROM asked)
          SELECT id FROM asked`,
      );
      return changedSchema.parse(rows).length === 1;
    },

    /**
     * A job that is stuck on its way back ends when another one has gone on with its VPS: a create would delete a VPS
     * that is in use. @returns the other's id; null when there is none.
     */
    async endOvertaken(jobId: string): Promise<string | null> {
      const rows = await access.read(
        (db) => db.$queryRaw`
          WITH later AS (${overtaking(jobId)} ORDER BY later.ended_at DESC LIMIT 1),
          ended AS (
            UPDATE job SET state = 'failed', advice = NULL FROM later
            WHERE job.id = ${jobId} AND job.state = 'stuck' AND ${onItsWayBack(jobId)}
            RETURNING job.id, later.id AS by),
          told AS (INSERT INTO job_event (job_id, state) SELECT id, 'failed' FROM ended)
          SELECT by AS id FROM ended`,
      );
      return changedSchema.parse(rows)[0]?.id ?? null;
    },

    /**
     * Sets a stuck job going where it stood, holding its VPS again, and writes down who did.
     * @returns false when it is not stuck any more, or its VPS is gone, held by another job, or changed by one.
     */
    async goOn(jobId: string, actor: string): Promise<boolean> {
      const rows = await access.read(
        (db) => db.$queryRaw`
          WITH stuck AS (
            SELECT id, kind, vps_id FROM job
            WHERE id = ${jobId} AND state = 'stuck' AND NOT (${onItsWayBack(jobId)} AND EXISTS (${overtaking(jobId)}))
            FOR UPDATE),
          held AS (
            UPDATE vps SET holding_job_id = stuck.id, holding_operation = stuck.kind FROM stuck
            WHERE vps.id = stuck.vps_id AND vps.holding_job_id IS NULL RETURNING vps.id),
          undoing AS (SELECT ${onItsWayBack(jobId)} AS is),
          again AS (
            UPDATE job SET state = CASE WHEN undoing.is THEN 'undoing' ELSE 'running' END, owner = NULL, ended_at = NULL,
              error = NULL, advice = NULL, resumed_at = clock_timestamp(), resumed_by = ${actor}
            FROM stuck, undoing WHERE job.id = stuck.id AND (stuck.vps_id IS NULL OR EXISTS (SELECT FROM held)
              -- Gone by the job's own doing, which could not be written down.
              OR ((stuck.kind = 'vps.delete' OR undoing.is) AND NOT EXISTS (SELECT FROM vps WHERE id = stuck.vps_id)))
            RETURNING job.id, job.state),
          steps AS (
            UPDATE job_step SET state = 'waiting', started_at = NULL, ended_at = NULL, error = NULL
            FROM again WHERE job_id = again.id AND again.state = 'running' AND job_step.state IN ('failed', 'skipped')),
          told AS (INSERT INTO job_event (job_id, state) SELECT id, state FROM again)
          SELECT id FROM again`,
      );
      return changedSchema.parse(rows).length === 1;
    },
  };
}
export type JobRequests = ReturnType<typeof createJobRequests>;
