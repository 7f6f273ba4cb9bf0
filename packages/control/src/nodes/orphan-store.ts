/**
 * VPSs that are on a node and in no inventory of it, as the node reports them. They are shown and can be adopted;
 * nothing here ever deletes one on its node.
 */
import { type PlacementReport, placementReportSchema } from "@muster/agent-api/agent";
import { Prisma } from "@muster/db/client";
import { MusterError } from "@muster/model/errors";
import { LIMIT_NAMES } from "@muster/model/limits/registry";
import type { Orphan } from "@muster/model/node";
import { z } from "zod";
import { type DatabaseAccess, violatedConstraint } from "../database-access.ts";
import { insertJobSql, type NewJob } from "../jobs/store.ts";
import { adoptRefusal } from "./adopt-refusal.ts";

const rowSchema = z.object({
  node_id: z.string(),
  node_name: z.string(),
  network: z.string().nullable(),
  removing_job_id: z.string().nullable(),
  vps_id: z.string(),
  report: placementReportSchema,
  found_at: z.date(),
  observed_at: z.date(),
  known_node: z.string().nullable(),
  known_epoch: z.number().nullable(),
  newer_node: z.string().nullable(),
  name_taken: z.boolean(),
  address_holder: z.string().nullable(),
});
export type OrphanRow = z.infer<typeof rowSchema>;

/** With all that decides whether it can be adopted. */
const ORPHANS = Prisma.sql`
  SELECT o.node_id, n.name AS node_name, n.network, n.removing_job_id, o.vps_id, o.report, o.found_at, o.observed_at,
    k.node_name AS known_node, k.epoch AS known_epoch,
    (SELECT other_node.name FROM orphan other JOIN node other_node ON other_node.id = other.node_id
      WHERE other.vps_id = o.vps_id AND other.node_id <> o.node_id
        AND (other.report->'status'->>'epoch')::int >= (o.report->'status'->>'epoch')::int LIMIT 1) AS newer_node,
    EXISTS (SELECT FROM vps WHERE name = o.report->'spec'->>'name' AND id <> o.vps_id) AS name_taken,
    (SELECT name FROM vps WHERE network = n.network AND address = o.report->'spec'->>'address' AND id <> o.vps_id
      LIMIT 1) AS address_holder
  FROM orphan o JOIN node n ON n.id = o.node_id
  LEFT JOIN (SELECT v.id, v.epoch, vn.name AS node_name FROM vps v JOIN node vn ON vn.id = v.node_id) k ON k.id = o.vps_id`;

export interface Adoption {
  nodeId: string;
  vpsId: string;
  actor: string;
  job: (orphan: { nodeName: string; report: PlacementReport }) => NewJob;
}

const unknownSchema = z.array(z.object({ id: z.string(), stored: z.boolean() }));

export function createOrphanStore(access: DatabaseAccess) {
  return {
    async list(): Promise<Orphan[]> {
      const rows = await access.read((db) => db.$queryRaw`${ORPHANS} ORDER BY n.name COLLATE "C", o.vps_id`);
      return z.array(rowSchema).parse(rows).map(toOrphan);
    },

    /** Of the nodes that got their place back by themselves, in the name of this actor. */
    async onReturnedNodes(actor: string): Promise<Orphan[]> {
      const rows = await access.read(
        (db) => db.$queryRaw`
          ${ORPHANS} WHERE EXISTS (
            SELECT FROM job j WHERE j.node_id = o.node_id AND j.kind = 'node.enrol' AND j.actor = ${actor})
          ORDER BY o.vps_id`,
      );
      return z.array(rowSchema).parse(rows).map(toOrphan);
    },

    /** Of what a node has: what is in no inventory of that node, and no job is at work on. `stored`: known as an orphan. */
    async unknown(nodeId: string, vpsIds: readonly string[]): Promise<{ id: string; stored: boolean }[]> {
      const rows = await access.read(
        (db) => db.$queryRaw`
          SELECT i.id, EXISTS (SELECT FROM orphan o WHERE o.node_id = ${nodeId} AND o.vps_id = i.id) AS stored
          FROM jsonb_array_elements_text(${JSON.stringify(vpsIds)}::jsonb) AS i(id)
          WHERE NOT EXISTS (SELECT FROM vps v WHERE v.id = i.id AND v.node_id = ${nodeId})
            AND NOT EXISTS (SELECT FROM job j WHERE j.vps_id = i.id AND j.ended_at IS NULL)`,
      );
      return unknownSchema.parse(rows);
    },

    /** These and no others are on the node now. @returns whether any came or went. */
    async replace(nodeId: string, reports: readonly PlacementReport[], atMs: number): Promise<boolean> {
      const found = JSON.stringify(reports.map((report) => ({ id: report.status.vpsId, report })));
      const rows = await access.read(
        (db) => db.$queryRaw`
          WITH found AS (SELECT * FROM jsonb_to_recordset(${found}::jsonb) AS f(id TEXT, report JSONB)),
          gone AS (
            DELETE FROM orphan o WHERE o.node_id = ${nodeId} AND NOT EXISTS (SELECT FROM found WHERE found.id = o.vps_id)
            RETURNING o.vps_id),
          seen AS (
            INSERT INTO orphan (node_id, vps_id, report, found_at, observed_at)
            SELECT n.id, f.id, f.report, ${new Date(atMs)}, ${new Date(atMs)} FROM found f JOIN node n ON n.id = ${nodeId}
            ON CONFLICT (node_id, vps_id) DO UPDATE SET report = excluded.report, observed_at = excluded.observed_at
            RETURNING vps_id, found_at = observed_at AS fresh)
          SELECT vps_id FROM gone UNION ALL SELECT vps_id FROM seen WHERE fresh`,
      );
      return z.array(z.unknown()).parse(rows).length > 0;
    },

    /**
     * Enters it in the inventory as its node reported it and writes the job down that holds it, both or neither.
     * not_found, name_taken, address_taken, state_conflict, node_unreachable
     */
    async adopt(request: Adoption): Promise<void> {
      const { nodeId, vpsId } = request;
      try {
        await access.transaction(async (transaction) => {
          await transaction.$queryRaw`SELECT id FROM node WHERE id = ${nodeId} FOR UPDATE`;
          const rows = await transaction.$queryRaw`${ORPHANS} WHERE o.node_id = ${nodeId} AND o.vps_id = ${vpsId}`;
          const row = z.array(rowSchema).parse(rows)[0];
          if (row === undefined)
            throw new MusterError("not_found", "There is no such VPS on that node, or it is in the inventory already.");
          const refusal = adoptRefusal(row);
          if (refusal !== null) throw refusal;
          await transaction.$executeRaw(enterSql(request, row));
        });
      } catch (error) {
        throw takenMeanwhile(error) ?? error;
      }
    },
  };
}
export type OrphanStore = ReturnType<typeof createOrphanStore>;

function toOrphan(row: OrphanRow): Orphan {
  const { spec, status } = row.report;
  return {
    nodeId: row.node_id,
    nodeName: row.node_name,
    vpsId: status.vpsId,
    spec,
    state: status.state,
    epoch: status.epoch,
    adoptRefusal: adoptRefusal(row)?.message ?? null,
    foundAt: row.found_at.toISOString(),
    observedAt: row.observed_at.toISOString(),
  };
}

function enterSql({ nodeId, vpsId, actor, job }: Adoption, { node_name: nodeName, network, report }: OrphanRow) {
  const { spec, mac, generation, status } = report;
  const written = job({ nodeName, report });
  const allocations = JSON.stringify(LIMIT_NAMES.map((limit) => ({ limit, to: spec.limits[limit] })));
  return Prisma.sql`
    WITH entered AS (
      INSERT INTO vps (id, node_id, name, template, network, address, mac, limits, generation, epoch, holding_job_id,
        holding_operation)
      VALUES (${vpsId}, ${nodeId}, ${spec.name}, ${spec.template}, ${network}, ${spec.address}, ${mac},
        ${JSON.stringify(spec.limits)}::jsonb, ${generation}, ${status.epoch}, ${written.id}, 'vps.adopt')
      RETURNING id),
    allocated AS (
      INSERT INTO allocation_change (vps_id, actor, limit_name, "to", job_id)
      SELECT entered.id, ${actor}, a->>'limit', a->'to', ${written.id}
      FROM entered, jsonb_array_elements(${allocations}::jsonb) AS a),
    no_orphan AS (DELETE FROM orphan WHERE node_id = ${nodeId} AND vps_id = ${vpsId}),
    ${insertJobSql(written, Prisma.sql`entered`)}
    SELECT 1`;
}

/** A rival was quicker: the unique index says what it took. */
function takenMeanwhile(cause: unknown): MusterError | undefined {
  const constraint = violatedConstraint(cause, ["vps_pkey", "vps_name_key", "vps_network_address_key"]);
  if (constraint === undefined) return undefined;
  if (constraint === "vps_name_key") return new MusterError("name_taken", "Its name was taken meanwhile.", { cause });
  if (constraint === "vps_pkey") return new MusterError("not_found", "It is in the inventory already.", { cause });
  return new MusterError("address_taken", "Its address was taken meanwhile.", { cause });
}
