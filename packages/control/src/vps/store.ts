/** VPSs: reading them, and holding them for a job. Their status is status-store.ts, reserving placement/store.ts. */
import { Prisma } from "@muster/db/client";
import { MusterError } from "@muster/model/errors";
import type { Vps, VpsPage } from "@muster/model/vps";
import { z } from "zod";
import type { Clock } from "../clock.ts";
import { type DatabaseAccess, isDataException } from "../database-access.ts";
import type { TreeVps, VpsQuery } from "../fleet.ts";
import { insertJobsSql } from "../jobs/insert-store.ts";
import type { NewJob } from "../jobs/store.ts";
import { countSql, cursorText, foreignCursor, ofNodeSql, oneSql, pageSql, someSql } from "./list-store.ts";
import { shownState, toVps, vpsRowSchema } from "./row.ts";
import { createStatusStore } from "./status-store.ts";

const pageRowsSchema = z.array(vpsRowSchema.extend({ sort_key: z.string() }));
const changedRowsSchema = z.array(z.object({ id: z.string() }));
const treeRowSchema = vpsRowSchema.pick({
  id: true,
  node_id: true,
  name: true,
  address: true,
  holding_operation: true,
  placement_state: true,
  heard_at: true,
});

export function createVpsStore(access: DatabaseAccess, clock: Clock) {
  const find = async (vpsId: string): Promise<Vps | null> => {
    const rows = await access.read((db) => db.$queryRaw(oneSql(vpsId)));
    const row = z.array(vpsRowSchema).parse(rows)[0];
    return row === undefined ? null : toVps(row, clock.nowMs());
  };

  return {
    ...createStatusStore(access),
    find,

    async get(vpsId: string): Promise<Vps> {
      const vps = await find(vpsId);
      if (vps === null) throw new MusterError("not_found", "This VPS does not exist.");
      return vps;
    },

    async list(query: VpsQuery): Promise<VpsPage> {
      const nowMs = clock.nowMs();
      const page = access
        .read((db) => db.$queryRaw(pageSql(query, nowMs)))
        .catch((error: unknown) => {
          throw query.cursor !== undefined && isDataException(error) ? foreignCursor(error) : error;
        });
      const rows = pageRowsSchema.parse(await page);
      const counted = await access.read((db) => db.$queryRaw(countSql(query, nowMs)));
      const total = z.array(z.object({ total: z.number() })).parse(counted)[0]?.total ?? 0;
      const shown = rows.slice(0, query.limit);
      const last = shown.at(-1);
      const nextCursor = rows.length > query.limit && last ? cursorText(last.sort_key, last.id) : null;
      return { items: shown.map((row) => toVps(row, nowMs)), total, nextCursor };
    },

    /** The first VPSs of every node by name, at most `perNode` of each. */
    async tree(perNode: number): Promise<Map<string, TreeVps[]>> {
      const nowMs = clock.nowMs();
      const rows = await access.read(
        (db) => db.$queryRaw`
          SELECT v.*, n.heard_at FROM node n CROSS JOIN LATERAL (
            SELECT id, node_id, name, address, holding_operation, placement_state
            FROM vps WHERE vps.node_id = n.id ORDER BY name COLLATE "C" LIMIT ${perNode}) v`,
      );
      const tree = new Map<string, TreeVps[]>();
      for (const row of z.array(treeRowSchema).parse(rows)) {
        const vps = { id: row.id, name: row.name, state: shownState(row, nowMs), address: row.address };
        tree.set(row.node_id, [...(tree.get(row.node_id) ?? []), vps]);
      }
      return tree;
    },

    /** Those that exist, by their ids. */
    async some(vpsIds: readonly string[]): Promise<Map<string, Vps>> {
      const rows = await access.read((db) => db.$queryRaw(someSql(vpsIds)));
      const nowMs = clock.nowMs();
      return new Map(
        z
          .array(vpsRowSchema)
          .parse(rows)
          .map((row) => [row.id, toVps(row, nowMs)]),
      );
    },

    async ofNode(nodeId: string): Promise<Vps[]> {
      const nowMs = clock.nowMs();
      const rows = await access.read((db) => db.$queryRaw(ofNodeSql(nodeId)));
      return z
        .array(vpsRowSchema)
        .parse(rows)
        .map((row) => toVps(row, nowMs));
    },

    /**
     * Holds each job's VPS for it and writes the job down, both or neither. The rows are locked in the order of their
     * ids: two at once wait for one another, never both.
     * @returns the jobs that were: the others' VPSs are held by other jobs, or gone.
     */
    async hold(jobs: readonly NewJob[]): Promise<Set<string>> {
      if (jobs.length === 0) return new Set();
      const asked = JSON.stringify(jobs.map(({ id, kind, vpsId }) => ({ jobId: id, kind, vpsId })));
      const rows = await access.read(
        (db) => db.$queryRaw`
          WITH free AS (
            SELECT v.id, a."jobId", a.kind
            FROM vps v JOIN jsonb_to_recordset(${asked}::jsonb) AS a("jobId" TEXT, kind TEXT, "vpsId" TEXT)
              ON a."vpsId" = v.id
            WHERE v.holding_job_id IS NULL ORDER BY v.id FOR UPDATE OF v),
          held AS (
            UPDATE vps SET holding_job_id = free."jobId", holding_operation = free.kind
            FROM free WHERE vps.id = free.id RETURNING holding_job_id AS job_id),
          ${insertJobsSql(jobs, Prisma.sql`held`)}
          SELECT job_id AS id FROM held`,
      );
      return new Set(changedRowsSchema.parse(rows).map(({ id }) => id));
    },

    /** Only the job that holds it may remove it. Removing what is gone is no error: the step may run twice. */
    async remove(vpsId: string, jobId: string): Promise<void> {
      await access.read(
        (db) => db.$executeRaw`
          WITH gone AS (DELETE FROM vps WHERE id = ${vpsId} AND holding_job_id = ${jobId} RETURNING id)
          UPDATE timed_change SET state = 'cancelled', reason = 'The VPS was deleted.'
          FROM gone WHERE vps_id = gone.id AND state = 'pending'`,
      );
    },
  };
}
export type VpsStore = ReturnType<typeof createVpsStore>;
