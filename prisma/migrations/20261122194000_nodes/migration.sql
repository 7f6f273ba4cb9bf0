-- A node's policy of over-commit, its pool and its being removed are shown: whoever watches is told of them too.
DROP TRIGGER "node_notify_change" ON "node";
CREATE TRIGGER "node_notify_change" AFTER UPDATE ON "node" FOR EACH ROW
  WHEN ((OLD."name", OLD."address", OLD."agent_version", OLD."boot_id", OLD."silent_reason", OLD."memory_bytes", OLD."cores", OLD."inventory",
      OLD."overcommit_cpu", OLD."overcommit_memory", OLD."overcommit_disk", OLD."pool_bytes", OLD."removing_job_id")
    IS DISTINCT FROM
    (NEW."name", NEW."address", NEW."agent_version", NEW."boot_id", NEW."silent_reason", NEW."memory_bytes", NEW."cores", NEW."inventory",
      NEW."overcommit_cpu", NEW."overcommit_memory", NEW."overcommit_disk", NEW."pool_bytes", NEW."removing_job_id"))
  EXECUTE FUNCTION "muster_notify_node"();

-- Whether a job is at work on a VPS is asked of every VPS that is in no inventory.
CREATE INDEX "job_unfinished_vps_idx" ON "job"("vps_id") WHERE "ended_at" IS NULL;
