-- CreateTable
CREATE TABLE "job" (
    "id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "node_id" TEXT NOT NULL,
    "node_name" TEXT NOT NULL,
    "vps_id" TEXT,
    "vps_name" TEXT,
    "input" JSONB NOT NULL,
    "error" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "job_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "job_step" (
    "job_id" TEXT NOT NULL,
    "index" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "error" JSONB,

    CONSTRAINT "job_step_pkey" PRIMARY KEY ("job_id","index")
);

-- CreateTable
CREATE TABLE "job_event" (
    "id" BIGSERIAL NOT NULL,
    "job_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "step" TEXT,
    "state" TEXT NOT NULL,
    "error" JSONB,

    CONSTRAINT "job_event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "node" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "simulated" BOOLEAN NOT NULL,
    "enrolled_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "agent_version" TEXT,
    "boot_id" TEXT,
    "heard_at" TIMESTAMPTZ(3),
    "silent_reason" TEXT,
    "cores" INTEGER,
    "memory_bytes" BIGINT,
    "network" TEXT,
    "gateway" TEXT,
    "inventory" JSONB,

    CONSTRAINT "node_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "nic" (
    "node_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "mac" TEXT,
    "driver" TEXT,
    "link_up" BOOLEAN,
    "speed_bits_per_second" BIGINT,
    "detail" JSONB NOT NULL,

    CONSTRAINT "nic_pkey" PRIMARY KEY ("node_id","name")
);

-- CreateTable
CREATE TABLE "template" (
    "node_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "size_bytes" BIGINT NOT NULL,
    "init" TEXT NOT NULL,

    CONSTRAINT "template_pkey" PRIMARY KEY ("node_id","name")
);

-- CreateTable
CREATE TABLE "node_sample" (
    "node_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "boot_id" TEXT NOT NULL,
    "monotonic_ms" DOUBLE PRECISION NOT NULL,
    "cores" INTEGER NOT NULL,
    "user_us" BIGINT NOT NULL,
    "nice_us" BIGINT NOT NULL,
    "system_us" BIGINT NOT NULL,
    "idle_us" BIGINT NOT NULL,
    "iowait_us" BIGINT NOT NULL,
    "irq_us" BIGINT NOT NULL,
    "softirq_us" BIGINT NOT NULL,
    "steal_us" BIGINT NOT NULL,
    "memory_total_bytes" BIGINT NOT NULL,
    "memory_available_bytes" BIGINT NOT NULL,

    CONSTRAINT "node_sample_pkey" PRIMARY KEY ("node_id","at")
) PARTITION BY RANGE ("at");

-- CreateTable
CREATE TABLE "nic_sample" (
    "node_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "name" TEXT NOT NULL,
    "rx_bytes" BIGINT NOT NULL,
    "tx_bytes" BIGINT NOT NULL,
    "rx_packets" BIGINT NOT NULL,
    "tx_packets" BIGINT NOT NULL,
    "rx_errors" BIGINT NOT NULL,
    "tx_errors" BIGINT NOT NULL,
    "rx_dropped" BIGINT NOT NULL,
    "tx_dropped" BIGINT NOT NULL,

    CONSTRAINT "nic_sample_pkey" PRIMARY KEY ("node_id","at","name")
) PARTITION BY RANGE ("at");

-- CreateTable
CREATE TABLE "vps_sample" (
    "node_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "vps_id" TEXT NOT NULL,
    "run_id" TEXT NOT NULL,
    "cpu_user_us" BIGINT NOT NULL,
    "cpu_system_us" BIGINT NOT NULL,
    "memory_bytes" BIGINT NOT NULL,
    "pids" INTEGER NOT NULL,
    "rx_bytes" BIGINT NOT NULL,
    "tx_bytes" BIGINT NOT NULL,
    "rx_packets" BIGINT NOT NULL,
    "tx_packets" BIGINT NOT NULL,

    CONSTRAINT "vps_sample_pkey" PRIMARY KEY ("node_id","at","vps_id")
) PARTITION BY RANGE ("at");

-- CreateTable
CREATE TABLE "enrolment_token" (
    "secret_sha256" TEXT NOT NULL,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),
    "used_by_node_id" TEXT,

    CONSTRAINT "enrolment_token_pkey" PRIMARY KEY ("secret_sha256")
);

-- CreateTable
CREATE TABLE "first_run_token" (
    "secret_sha256" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "first_run_token_pkey" PRIMARY KEY ("secret_sha256")
);

-- CreateTable
CREATE TABLE "vps" (
    "id" TEXT NOT NULL,
    "node_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "template" TEXT NOT NULL,
    "network" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "mac" TEXT NOT NULL,
    "cpu_cores" DOUBLE PRECISION NOT NULL,
    "memory_bytes" BIGINT NOT NULL,
    "disk_bytes" BIGINT NOT NULL,
    "pids_max" INTEGER NOT NULL,
    "generation" INTEGER NOT NULL DEFAULT 1,
    "epoch" INTEGER NOT NULL DEFAULT 1,
    "holding_job_id" TEXT,
    "holding_operation" TEXT,
    "status_seq" BIGINT,
    "status_epoch" INTEGER,
    "applied_generation" INTEGER,
    "placement_state" TEXT,
    "status_reason" TEXT,
    "started_at" TIMESTAMPTZ(3),
    "disk_used_bytes" BIGINT,
    "observed_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "vps_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "allocation_change" (
    "id" BIGSERIAL NOT NULL,
    "vps_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor" TEXT NOT NULL,
    "resource" TEXT NOT NULL,
    "from" DOUBLE PRECISION,
    "to" DOUBLE PRECISION NOT NULL,

    CONSTRAINT "allocation_change_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "job_created_at_id_idx" ON "job"("created_at", "id");

-- CreateIndex
CREATE INDEX "job_vps_id_created_at_idx" ON "job"("vps_id", "created_at");

-- CreateIndex
CREATE INDEX "job_node_id_created_at_idx" ON "job"("node_id", "created_at");

-- CreateIndex
CREATE INDEX "job_event_job_id_id_idx" ON "job_event"("job_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "node_name_key" ON "node"("name");

-- CreateIndex
CREATE INDEX "vps_sample_vps_id_at_idx" ON "vps_sample"("vps_id", "at");

-- CreateIndex
CREATE UNIQUE INDEX "vps_name_key" ON "vps"("name");

-- CreateIndex
CREATE INDEX "vps_node_id_name_idx" ON "vps"("node_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "vps_network_address_key" ON "vps"("network", "address");

-- CreateIndex
CREATE INDEX "allocation_change_vps_id_id_idx" ON "allocation_change"("vps_id", "id");

-- AddForeignKey
ALTER TABLE "job_step" ADD CONSTRAINT "job_step_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "job_event" ADD CONSTRAINT "job_event_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "nic" ADD CONSTRAINT "nic_node_id_fkey" FOREIGN KEY ("node_id") REFERENCES "node"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "template" ADD CONSTRAINT "template_node_id_fkey" FOREIGN KEY ("node_id") REFERENCES "node"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "vps" ADD CONSTRAINT "vps_node_id_fkey" FOREIGN KEY ("node_id") REFERENCES "node"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- From here on by hand: what the Prisma schema cannot say.

-- A VPS is held by both, a job and its operation, or by neither; a status is whole or absent.
ALTER TABLE "vps" ADD CONSTRAINT "vps_holding_whole" CHECK (("holding_job_id" IS NULL) = ("holding_operation" IS NULL));
ALTER TABLE "vps" ADD CONSTRAINT "vps_status_whole" CHECK (("status_seq" IS NULL) = ("placement_state" IS NULL) AND ("status_seq" IS NULL) = ("observed_at" IS NULL));

-- The list of jobs under way is asked for all the time, and is short.
CREATE INDEX "job_not_ended_idx" ON "job"("created_at") WHERE "ended_at" IS NULL;

-- Makes the samples' partitions of the days around "day" and drops what is wholly older than the retention.
-- It locks, so that several servers may call it at once; days are UTC.
CREATE FUNCTION "muster_keep_sample_partitions"("day" DATE, "retention_days" INTEGER) RETURNS INTEGER LANGUAGE plpgsql AS $$
DECLARE
  parent TEXT;
  child RECORD;
  begins DATE;
  changed INTEGER := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('muster_keep_sample_partitions'));
  FOREACH parent IN ARRAY ARRAY['node_sample', 'nic_sample', 'vps_sample'] LOOP
    FOR begins IN SELECT generate_series("day" - 1, "day" + 2, INTERVAL '1 day')::DATE LOOP
      IF to_regclass(format('%I', parent || '_' || to_char(begins, 'YYYYMMDD'))) IS NULL THEN
        EXECUTE format(
          'CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
          parent || '_' || to_char(begins, 'YYYYMMDD'), parent,
          begins::TEXT || ' 00:00:00+00', (begins + 1)::TEXT || ' 00:00:00+00');
        changed := changed + 1;
      END IF;
    END LOOP;
    FOR child IN
      SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = to_regclass(format('%I', parent)) AND c.relname ~ '_[0-9]{8}$'
    LOOP
      IF to_date(right(child.relname, 8), 'YYYYMMDD') < "day" - "retention_days" THEN
        EXECUTE format('DROP TABLE %I', child.relname);
        changed := changed + 1;
      END IF;
    END LOOP;
  END LOOP;
  RETURN changed;
END $$;
SELECT "muster_keep_sample_partitions"((now() AT TIME ZONE 'UTC')::DATE, 1);

-- Whoever listens is told what changed: "id job" for a job, "node vps" or "node -" for the fleet. The payload
-- only says where to look; rows are the truth.
CREATE FUNCTION "muster_notify_job"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('muster_job', NEW."id" || ' ' || NEW."job_id");
  RETURN NULL;
END $$;
CREATE TRIGGER "job_event_notify" AFTER INSERT ON "job_event" FOR EACH ROW EXECUTE FUNCTION "muster_notify_job"();

CREATE FUNCTION "muster_notify_vps"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM pg_notify('muster_fleet', OLD."node_id" || ' ' || OLD."id");
  ELSE
    PERFORM pg_notify('muster_fleet', NEW."node_id" || ' ' || NEW."id");
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER "vps_notify_row" AFTER INSERT OR DELETE ON "vps" FOR EACH ROW EXECUTE FUNCTION "muster_notify_vps"();
CREATE TRIGGER "vps_notify_change" AFTER UPDATE ON "vps" FOR EACH ROW
  WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION "muster_notify_vps"();

CREATE FUNCTION "muster_notify_node"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM pg_notify('muster_fleet', OLD."id" || ' -');
  ELSE
    PERFORM pg_notify('muster_fleet', NEW."id" || ' -');
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER "node_notify_row" AFTER INSERT OR DELETE ON "node" FOR EACH ROW EXECUTE FUNCTION "muster_notify_node"();
-- Not at every heartbeat: "heard_at" alone changes each second or two; watchers tell of silence and return themselves.
CREATE TRIGGER "node_notify_change" AFTER UPDATE ON "node" FOR EACH ROW
  WHEN ((OLD."name", OLD."address", OLD."agent_version", OLD."boot_id", OLD."silent_reason", OLD."memory_bytes", OLD."cores", OLD."inventory")
    IS DISTINCT FROM
    (NEW."name", NEW."address", NEW."agent_version", NEW."boot_id", NEW."silent_reason", NEW."memory_bytes", NEW."cores", NEW."inventory"))
  EXECUTE FUNCTION "muster_notify_node"();
