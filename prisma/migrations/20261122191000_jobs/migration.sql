-- AlterTable
ALTER TABLE "job" ADD COLUMN     "advice" TEXT,
ADD COLUMN     "cancel_requested_at" TIMESTAMPTZ(3),
ADD COLUMN     "cancel_requested_by" TEXT,
ADD COLUMN     "committed" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "owner" TEXT,
ADD COLUMN     "progress" JSONB,
ADD COLUMN     "retry_of" TEXT;

-- AlterTable
ALTER TABLE "job_step" ADD COLUMN     "commits" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "output" JSONB;

-- CreateTable
CREATE TABLE "server" (
    "id" TEXT NOT NULL,
    "incarnation" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "beat_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "server_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "server_incarnation_key" ON "server"("incarnation");

-- CreateIndex
CREATE INDEX "job_kind_created_at_idx" ON "job"("kind", "created_at");

-- CreateIndex
CREATE INDEX "job_actor_created_at_idx" ON "job"("actor", "created_at");

-- CreateIndex
CREATE INDEX "job_state_created_at_idx" ON "job"("state", "created_at");


-- Jobs ran on DBOS until here; its record repeated what the rows say. Jobs that were under way are claimed from their rows.
DROP SCHEMA IF EXISTS "dbos" CASCADE;

-- The latest progress of a job is one event that is replaced; this finds it.
CREATE INDEX "job_event_progress_idx" ON "job_event"("job_id") WHERE "state" = 'progress';
-- What a job that has ended may leave behind is looked for on VPSs that are held.
CREATE INDEX "vps_holding_job_idx" ON "vps"("holding_job_id") WHERE "holding_job_id" IS NOT NULL;

-- The payload now tells what happened to the job itself, so that a server knows when to look for work: "id job state",
-- "-" for what happened to a step.
CREATE OR REPLACE FUNCTION "muster_notify_job"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('muster_job', NEW."id" || ' ' || NEW."job_id" || ' ' || CASE WHEN NEW."step" IS NULL THEN NEW."state" ELSE '-' END);
  RETURN NULL;
END $$;

-- Servers that are heard of. The database's clock decides, never a server's.
CREATE FUNCTION "muster_living"("dead_after" INTERVAL) RETURNS TABLE ("incarnation" TEXT) LANGUAGE sql STABLE AS $$
  SELECT "incarnation" FROM "server" WHERE "beat_at" > clock_timestamp() - "dead_after";
$$;

-- Gives jobs to the server `me`: at most `slots`, those of dead servers first, then in turn among actors: the n-th of
-- one (what is at work counts) stands beside the n-th of another, older before newer. Over all servers no more than
-- `caps` says of one kind on one node; a kind that it does not name is another version's and left alone. Of the slots
-- `reserved` are for actors with few jobs at work, so a bulk of slow ones leaves room for a single quick one. A fresh
-- job's first step begins in the same moment; one that was cancelled while it waited passes all others: it only has to
-- be taken back.
--
-- It is a function because claims take turns by a lock, and a single statement would count with the snapshot from
-- before it got the lock (a volatile function takes a new one for each of its statements). A transaction of four
-- round trips would do it too, and hold the lock for all of them.
CREATE FUNCTION "muster_claim_jobs"("me" TEXT, "dead_after" INTERVAL, "caps" JSONB, "slots" INTEGER, "reserved" INTEGER)
RETURNS TABLE ("id" TEXT, "kind" TEXT, "state" TEXT, "input" JSONB, "committed" BOOLEAN, "cancel_requested" BOOLEAN, "steps" JSONB)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  living TEXT[];
  picked TEXT[];
BEGIN
  SELECT coalesce(array_agg(l."incarnation"), '{}') INTO living FROM "muster_living"("dead_after") l;
  -- Most calls find nothing: they take no lock. A server that was given up for dead takes nothing until its next beat.
  IF NOT "me" = ANY (living) OR NOT EXISTS (
    SELECT FROM "job" j WHERE j."ended_at" IS NULL AND (j."owner" IS NULL OR NOT j."owner" = ANY (living))
  ) THEN
    RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock(7305802);
  -- Should PostgreSQL crash in this moment, the job is claimed again; until then nobody waits for the disk.
  PERFORM set_config('synchronous_commit', 'off', true);

  WITH open AS (
    SELECT j."id", j."kind", j."node_id", j."created_at", j."state" <> 'queued' AS begun, w.at_work,
      j."state" = 'queued' AND j."cancel_requested_at" IS NOT NULL AS cancelled,
      row_number() OVER (PARTITION BY j."actor" ORDER BY w.at_work DESC, j."created_at", j."id") AS turn
    FROM "job" j, LATERAL (SELECT j."owner" IS NOT NULL AND j."owner" = ANY (living) AS at_work) w
    WHERE j."ended_at" IS NULL),
  placed AS (
    SELECT o.*, row_number() OVER (
      PARTITION BY o."node_id", o."kind" ORDER BY o.at_work DESC, o.begun DESC, o.turn, o."created_at", o."id") AS place
    FROM open o),
  ranked AS (
    SELECT p."id", p.turn, p.begun, p.cancelled,
      row_number() OVER (ORDER BY p.cancelled DESC, p.begun DESC, p.turn, p."created_at", p."id") AS rank
    FROM placed p
    WHERE NOT p.at_work AND "caps" ? p."kind" AND (p.cancelled OR p.place <= ("caps" ->> p."kind")::INTEGER))
  SELECT array_agg(r."id") INTO picked FROM ranked r
  WHERE r.cancelled OR r.rank <= "slots" - CASE WHEN r.begun OR r.turn <= 4 THEN 0 ELSE "reserved" END;

  WITH locked AS (
    SELECT j."id", j."state", j."cancel_requested_at" FROM "job" j
    WHERE j."id" = ANY (picked) AND j."ended_at" IS NULL AND (j."owner" IS NULL OR NOT j."owner" = ANY (living))
    FOR UPDATE SKIP LOCKED),
  first AS (
    SELECT DISTINCT ON (s."job_id") s."job_id", s."index", s."name", s."commits"
    FROM locked l JOIN "job_step" s ON s."job_id" = l."id"
    WHERE l."state" = 'queued' AND l."cancel_requested_at" IS NULL AND s."state" = 'waiting'
    ORDER BY s."job_id", s."index"),
  begun AS (
    UPDATE "job_step" s SET "state" = 'running', "started_at" = clock_timestamp()
    FROM first f WHERE s."job_id" = f."job_id" AND s."index" = f."index"),
  owned AS (
    UPDATE "job" j SET "owner" = "me", "started_at" = coalesce(j."started_at", clock_timestamp()),
      "committed" = j."committed" OR coalesce(f."commits", false),
      "state" = CASE WHEN l."state" <> 'queued' THEN l."state" WHEN l."cancel_requested_at" IS NULL THEN 'running'
        ELSE 'undoing' END
    FROM locked l LEFT JOIN first f ON f."job_id" = l."id" WHERE j."id" = l."id"
    RETURNING j."id", j."state", l."state" AS "before"),
  step_events AS (INSERT INTO "job_event" ("job_id", "step", "state") SELECT f."job_id", f."name", 'running' FROM first f),
  job_events AS (
    INSERT INTO "job_event" ("job_id", "state") SELECT o."id", o."state" FROM owned o WHERE o."before" = 'queued')
  SELECT array_agg(o."id") INTO picked FROM owned o;
  -- What cannot be taken back is on the disk before it begins: nobody can cancel it after a crash.
  IF EXISTS (SELECT FROM "job" j WHERE j."id" = ANY (picked) AND j."committed") THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;

  RETURN QUERY
  SELECT j."id", j."kind", j."state", j."input", j."committed", j."cancel_requested_at" IS NOT NULL, (
    SELECT jsonb_agg(jsonb_build_object(
      'index', s."index", 'name', s."name", 'state', s."state", 'error', s."error", 'output', s."output") ORDER BY s."index")
    FROM "job_step" s WHERE s."job_id" = j."id")
  FROM "job" j WHERE j."id" = ANY (picked);
END $$;
