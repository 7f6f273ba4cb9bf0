/** The status of VPSs: what their nodes report, which only the node may change. */
import type { PlacementStatus } from "@muster/model/vps";
import { z } from "zod";
import type { DatabaseAccess } from "../database-access.ts";

const changedRowsSchema = z.array(z.object({ id: z.string() }));

export interface Reported {
  vpsId: string;
  statusSeq: number;
}

export function createStatusStore(access: DatabaseAccess) {
  return {
    /** The node owns the status: one with a lower number than stored is late and falls away. @returns whether it was taken. */
    async applyStatus(nodeId: string, status: PlacementStatus): Promise<boolean> {
      // It does not wait for the disk: the node tells it again (jobs/store.ts has the figure).
      const rows = await access.read(
        (db) => db.$queryRaw`
          UPDATE vps SET status_seq = ${status.statusSeq}, status_epoch = ${status.epoch},
            applied_generation = ${status.appliedGeneration}, placement_state = ${status.state},
            status_reason = ${status.reason}, disk_used_bytes = ${status.diskUsedBytes}::bigint,
            started_at = ${status.startedAtMs === null ? null : new Date(status.startedAtMs)}::timestamptz,
            observed_at = ${new Date(status.observedAtMs)}
          WHERE id = ${status.vpsId} AND node_id = ${nodeId} AND coalesce(status_seq, -1) < ${status.statusSeq}
          RETURNING id, set_config('synchronous_commit', 'off', true)`,
      );
      return changedRowsSchema.parse(rows).length === 1;
    },

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
