/** The status of VPSs: what their nodes report, which only the node may change. */
import type { PlacementStatus } from "@muster/model/vps";
import { z } from "zod";
import type { DatabaseAccess } from "../database-access.ts";
import { createBatches } from "../jobs/batches.ts";

const changedRowsSchema = z.array(z.object({ nodeId: z.string(), vpsId: z.string() }));

export interface Reported {
  vpsId: string;
  statusSeq: number;
}

interface NodeStatus {
  nodeId: string;
  status: PlacementStatus;
}

const LARGEST_BATCH = 200;

export function createStatusStore(access: DatabaseAccess) {
  const statuses = createBatches(LARGEST_BATCH, (reported: readonly NodeStatus[]) => write(access, reported));
  return {
    /** The node owns the status: one with a lower number than stored is late and falls away. @returns whether it was taken. */
    applyStatus: (nodeId: string, status: PlacementStatus): Promise<boolean> => statuses.put({ nodeId, status }),

    /** The VPSs of a node that no job holds and whose status is known, with its number. */
    async reported(nodeId: string): Promise<Reported[]> {
      const rows = await access.read((db) =>
        db.vps.findMany({
          where: { nodeId, holdingJobId: null, statusSeq: { not: null } },
          select: { id: true, statusSeq: true },
        }),
      );
      return rows.map((row) => ({ vpsId: row.id, statusSeq: Number(row.statusSeq) }));
    },

    /** The node does not have them: their status is forgotten, unless a newer one or a job came meanwhile. */
    async forgetStatus(nodeId: string, missing: readonly Reported[]): Promise<void> {
      if (missing.length === 0) return;
      await access.read(
        (db) => db.$executeRaw`
          UPDATE vps SET status_seq = NULL, status_epoch = NULL, applied_generation = NULL, placement_state = NULL,
            status_reason = NULL, started_at = NULL, disk_used_bytes = NULL, observed_at = NULL
          FROM jsonb_to_recordset(${JSON.stringify(missing)}::jsonb) AS m("vpsId" TEXT, "statusSeq" INT8)
          WHERE vps.id = m."vpsId" AND vps.status_seq = m."statusSeq" AND vps.node_id = ${nodeId}
            AND vps.holding_job_id IS NULL`,
      );
    },
  };
}

/** Of several of one VPS only the newest is taken: one statement would take any of them. */
async function write(access: DatabaseAccess, reported: readonly NodeStatus[]): Promise<boolean[]> {
  const newest = new Map<string, NodeStatus>();
  for (const one of reported) {
    const key = keyOf(one.nodeId, one.status.vpsId);
    const known = newest.get(key);
    if (known === undefined || known.status.statusSeq < one.status.statusSeq) newest.set(key, one);
  }
  const news = [...newest.values()].map(({ nodeId, status }) => ({ ...status, nodeId }));
  // It does not wait for the disk: the node tells it again (jobs/journal.ts has the figure).
  const rows = await access.read(
    (db) => db.$queryRaw`
      WITH mine AS (
        SELECT v.id, s.* FROM vps v JOIN jsonb_to_recordset(${JSON.stringify(news)}::jsonb) AS s(
          "nodeId" TEXT, "vpsId" TEXT, "statusSeq" INT8, epoch INT, "appliedGeneration" INT, state TEXT, reason TEXT,
          "diskUsedBytes" INT8, "startedAtMs" FLOAT8, "observedAtMs" FLOAT8)
          ON v.id = s."vpsId" AND v.node_id = s."nodeId" AND coalesce(v.status_seq, -1) < s."statusSeq"
        ORDER BY v.id FOR NO KEY UPDATE OF v)
      UPDATE vps SET status_seq = m."statusSeq", status_epoch = m.epoch, applied_generation = m."appliedGeneration",
        placement_state = m.state, status_reason = m.reason, disk_used_bytes = m."diskUsedBytes",
        started_at = to_timestamp(m."startedAtMs" / 1000), observed_at = to_timestamp(m."observedAtMs" / 1000)
      FROM mine m WHERE vps.id = m.id
      RETURNING vps.id AS "vpsId", vps.node_id AS "nodeId", set_config('synchronous_commit', 'off', true)`,
  );
  const taken = new Set(changedRowsSchema.parse(rows).map(({ nodeId, vpsId }) => keyOf(nodeId, vpsId)));
  return reported.map((one) => {
    const key = keyOf(one.nodeId, one.status.vpsId);
    return newest.get(key) === one && taken.has(key);
  });
}

const keyOf = (nodeId: string, vpsId: string) => `${nodeId} ${vpsId}`;
