-- Limits by name, as the model's registry has them: a new limit is no new column. What is summed or sorted by is
-- derived from them here, so it can never say something else.
ALTER TABLE "vps" ADD COLUMN "limits" JSONB;
UPDATE "vps" SET "limits" = jsonb_build_object(
  'cpu.cores', "cpu_cores", 'memory.max', "memory_bytes", 'disk.max', "disk_bytes", 'pids.max', "pids_max");
ALTER TABLE "vps" ALTER COLUMN "limits" SET NOT NULL;
ALTER TABLE "vps" DROP COLUMN "cpu_cores", DROP COLUMN "memory_bytes", DROP COLUMN "disk_bytes", DROP COLUMN "pids_max";
ALTER TABLE "vps"
  ADD COLUMN "cpu_cores" DOUBLE PRECISION GENERATED ALWAYS AS (("limits"->>'cpu.cores')::DOUBLE PRECISION) STORED NOT NULL,
  ADD COLUMN "memory_bytes" BIGINT GENERATED ALWAYS AS (("limits"->>'memory.max')::BIGINT) STORED NOT NULL,
  ADD COLUMN "disk_bytes" BIGINT GENERATED ALWAYS AS (("limits"->>'disk.max')::BIGINT) STORED NOT NULL;

-- A create that was written down before goes on after, or is taken back.
UPDATE "job" SET "input" = jsonb_set(
  "input" #- '{spec,cpuCores}' #- '{spec,memoryBytes}' #- '{spec,diskBytes}' #- '{spec,pidsMax}', '{spec,limits}',
  jsonb_build_object('cpu.cores', "input"->'spec'->'cpuCores', 'memory.max', "input"->'spec'->'memoryBytes',
    'disk.max', "input"->'spec'->'diskBytes', 'pids.max', "input"->'spec'->'pidsMax'))
WHERE "kind" = 'vps.create' AND "input"->'spec' ? 'cpuCores';

-- SQL's NULL in "from" means at creation, JSON's null means no limit.
ALTER TABLE "allocation_change" RENAME COLUMN "resource" TO "limit_name";
ALTER TABLE "allocation_change"
  ALTER COLUMN "from" TYPE JSONB USING to_jsonb("from"),
  ALTER COLUMN "to" TYPE JSONB USING to_jsonb("to"),
  ADD COLUMN "until" TIMESTAMPTZ(3),
  ADD COLUMN "job_id" TEXT;
UPDATE "allocation_change" SET "limit_name" = CASE "limit_name"
  WHEN 'cpuCores' THEN 'cpu.cores' WHEN 'memoryBytes' THEN 'memory.max' WHEN 'diskBytes' THEN 'disk.max'
  WHEN 'pidsMax' THEN 'pids.max' ELSE "limit_name" END;

CREATE TABLE "timed_change" (
    "id" TEXT NOT NULL,
    "vps_id" TEXT NOT NULL,
    "vps_name" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "back" JSONB NOT NULL,
    "state" TEXT NOT NULL,
    "reason" TEXT,
    "made_by_job_id" TEXT NOT NULL,
    "job_id" TEXT,

    CONSTRAINT "timed_change_pkey" PRIMARY KEY ("id")
);
-- A step that is done twice makes one of it.
CREATE UNIQUE INDEX "timed_change_made_by_job_id_key" ON "timed_change"("made_by_job_id");
CREATE INDEX "timed_change_state_due_at_idx" ON "timed_change"("state", "due_at");
CREATE INDEX "timed_change_vps_id_due_at_idx" ON "timed_change"("vps_id", "due_at");

-- Over-commit by resource: null is off. What the pool holds is a column, since promises are held against it.
ALTER TABLE "node"
  ADD COLUMN "overcommit_cpu" DOUBLE PRECISION DEFAULT 16,
  ADD COLUMN "overcommit_memory" DOUBLE PRECISION,
  ADD COLUMN "overcommit_disk" DOUBLE PRECISION,
  ADD COLUMN "pool_bytes" BIGINT,
  ADD COLUMN "removing_job_id" TEXT,
  ADD COLUMN "watched_by" TEXT,
  ADD COLUMN "watched_until" TIMESTAMPTZ(3);

CREATE TABLE "orphan" (
    "node_id" TEXT NOT NULL,
    "vps_id" TEXT NOT NULL,
    "report" JSONB NOT NULL,
    "found_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "observed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "orphan_pkey" PRIMARY KEY ("node_id", "vps_id")
);
ALTER TABLE "orphan" ADD CONSTRAINT "orphan_node_id_fkey"
  FOREIGN KEY ("node_id") REFERENCES "node"("id") ON DELETE CASCADE ON UPDATE CASCADE;
