/** SQL that writes jobs down, each with its steps and its first event: the only one there is. */
import { Prisma } from "@muster/db/client";
import type { NewJob } from "./store.ts";

/** @param guard names a CTE with a column `job_id`: only those jobs are written down. */
export function insertJobsSql(jobs: readonly NewJob[], guard: Prisma.Sql): Prisma.Sql {
  const rows = JSON.stringify(
    jobs.map((job) => ({ ...job, steps: job.steps.map((step, index) => ({ ...step, index })) })),
  );
  return Prisma.sql`
    asked_jobs AS (
      SELECT * FROM jsonb_to_recordset(${rows}::jsonb) AS j(id TEXT, kind TEXT, actor TEXT, "nodeId" TEXT,
        "nodeName" TEXT, "vpsId" TEXT, "vpsName" TEXT, input JSONB, "retryOf" TEXT, steps JSONB)),
    new_jobs AS (
      INSERT INTO job (id, kind, state, actor, node_id, node_name, vps_id, vps_name, input, retry_of)
      SELECT j.id, j.kind, 'queued', j.actor, j."nodeId", j."nodeName", j."vpsId", j."vpsName", j.input, j."retryOf"
      FROM asked_jobs j JOIN ${guard} g ON g.job_id = j.id RETURNING id),
    new_steps AS (
      INSERT INTO job_step (job_id, index, name, title, state, commits, started_at, ended_at)
      SELECT j.id, s.index, s.name, s.title, s.state, s.commits,
        CASE WHEN s.state = 'done' THEN clock_timestamp() END, CASE WHEN s.state = 'done' THEN clock_timestamp() END
      FROM asked_jobs j JOIN new_jobs n ON n.id = j.id,
        jsonb_to_recordset(j.steps) AS s(index INT, name TEXT, title TEXT, state TEXT, commits BOOLEAN)),
    new_events AS (INSERT INTO job_event (job_id, state) SELECT id, 'queued' FROM new_jobs)`;
}
