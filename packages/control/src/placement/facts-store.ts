/** What of a node decides whether something may be placed or changed there: its policy, its promises, what it can hold. */
import { type Db, Prisma, type Transaction } from "@muster/db/client";
import { MusterError } from "@muster/model/errors";
import type { Shares } from "@muster/model/limits/overcommit";
import { type LimitFinding, limitFindingSchema, nodeHealth } from "@muster/model/node";
import { z } from "zod";
import { isOvertaken } from "../jobs/overtaken-store.ts";
import { capacityOf, type Promises } from "./shares.ts";

export interface NodeFacts extends Promises {
  nodeId: string;
  heard: boolean;
  silentReason: string | null;
  network: string;
  gateway: string;
  limits: LimitFinding[];
}

const count = z.bigint().transform(Number);
const rowSchema = z.object({
  name: z.string(),
  network: z.string().nullable(),
  gateway: z.string().nullable(),
  cores: z.number().nullable(),
  memory_bytes: count.nullable(),
  pool_bytes: count.nullable(),
  heard_at: z.date().nullable(),
  silent_reason: z.string().nullable(),
  overcommit_cpu: z.number().nullable(),
  overcommit_memory: z.number().nullable(),
  overcommit_disk: z.number().nullable(),
  removing_job_id: z.string().nullable(),
  limits: z.array(limitFindingSchema).nullable(),
});

const promisedSchema = z.tuple([z.object({ cpu: z.number(), memory: count, disk: count })]);

const STUCK = Prisma.sql`stuck.id`;

/**
 * While a change of limits is under way, or stuck, a VPS counts with the greater of before and after: what it may have
 * to be given back is promised to nobody else. After another change nothing of the stuck one is given back any more.
 */
export async function promisedOn(db: Db | Transaction, nodeId: string): Promise<Shares> {
  const rows = await db.$queryRaw`
    WITH changing AS (
      SELECT v.id AS vps_id, j.input->'before'->'limits' AS before FROM vps v JOIN job j ON j.id = v.holding_job_id
      WHERE v.node_id = ${nodeId} AND v.holding_operation = 'vps.setLimits'
      UNION ALL
      SELECT vps_id, input->'before'->'limits' FROM job stuck
      WHERE state = 'stuck' AND kind = 'vps.setLimits' AND node_id = ${nodeId}
        AND NOT ${isOvertaken(STUCK)}),
    before AS (
      SELECT vps_id, max((before->>'cpu.cores')::float8) AS cpu, max((before->>'memory.max')::bigint) AS memory,
        max((before->>'disk.max')::bigint) AS disk
      FROM changing GROUP BY vps_id)
    SELECT coalesce(sum(greatest(v.cpu_cores, b.cpu)), 0)::float8 AS cpu,
      coalesce(sum(greatest(v.memory_bytes, b.memory)), 0)::bigint AS memory,
      coalesce(sum(greatest(v.disk_bytes, b.disk)), 0)::bigint AS disk
    FROM vps v LEFT JOIN before b ON b.vps_id = v.id WHERE v.node_id = ${nodeId}`;
  return promisedSchema.parse(rows)[0];
}

/**
 * @param lock holds the node's row until the transaction ends: whoever wants something of the same node waits. The
 *   promises are read by a statement of their own, so they are those of after the wait.
 */
export async function readNodeFacts(
  db: Db | Transaction,
  nodeId: string,
  { lock, nowMs }: { lock: boolean; nowMs: number },
): Promise<NodeFacts> {
  const rows = await db.$queryRaw`
    SELECT name, network, gateway, cores, memory_bytes, pool_bytes, heard_at, silent_reason, overcommit_cpu,
      overcommit_memory, overcommit_disk, removing_job_id, inventory->'limits' AS limits
    FROM node WHERE id = ${nodeId} ${lock ? Prisma.sql`FOR NO KEY UPDATE` : Prisma.empty}`;
  const node = z.array(rowSchema).parse(rows)[0];
  if (node === undefined) throw new MusterError("not_found", "This node does not exist.", { field: "nodeId" });
  const { name: nodeName, network, gateway, silent_reason: silentReason } = node;
  if (node.removing_job_id !== null) throw new MusterError("state_conflict", `Node ${nodeName} is being removed.`);
  const capacity = capacityOf({ cores: node.cores, memoryBytes: node.memory_bytes, poolBytes: node.pool_bytes });
  if (network === null || gateway === null || capacity === null) throw silent({ nodeName, silentReason });
  return {
    ...{ nodeId, nodeName, network, gateway, silentReason, capacity },
    heard: nodeHealth(node.heard_at?.getTime() ?? null, nowMs) === "healthy",
    limits: node.limits ?? [],
    overcommit: { cpu: node.overcommit_cpu, memory: node.overcommit_memory, disk: node.overcommit_disk },
    promised: await promisedOn(db, nodeId),
  };
}

export function silent({ nodeName, silentReason }: Pick<NodeFacts, "nodeName" | "silentReason">): MusterError {
  return new MusterError("node_unreachable", `Node ${nodeName} does not answer. ${silentReason ?? ""}`.trim());
}
