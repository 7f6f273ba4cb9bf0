/** Nodes: what their agents reported last, and when each was last heard. */

import type { AgentDescription } from "@muster/agent-api/agent";
import { Prisma } from "@muster/db/client";
import { numberToIpv4, parseNetwork } from "@muster/model/address";
import { MusterError } from "@muster/model/errors";
import type { Overcommit, Shares } from "@muster/model/limits/overcommit";
import {
  type NodeDetail,
  type NodeInventory,
  type NodeSummary,
  nicSchema,
  nodeHealth,
  nodeInventorySchema,
  type Template,
  templateSchema,
} from "@muster/model/node";
import { z } from "zod";
import type { Clock } from "../clock.ts";
import type { DatabaseAccess } from "../database-access.ts";
import { promisedOn } from "../placement/facts-store.ts";
import { capacityOf } from "../placement/shares.ts";
import { createRemovalStore } from "./removal-store.ts";

/** What a watcher needs to ask a node. */
export interface NodeAddress {
  id: string;
  name: string;
  address: string;
  simulated: boolean;
}

/** `watchedBy`: the incarnation of the server that holds its lease (lease-store.ts). */
export type NodeToFollow = NodeAddress & { watchedBy: string | null; heardAtMs: number | null };

export interface Heard {
  nodeId: string;
  atMs: number;
}

const count = z.bigint().transform(Number);
const summaryRowSchema = z.object({
  id: z.string(),
  name: z.string(),
  simulated: z.boolean(),
  heard_at: z.date().nullable(),
  silent_reason: z.string().nullable(),
  cores: z.number().nullable(),
  memory_bytes: count.nullable(),
  allocated: count,
  vps_count: count,
  orphan_count: count,
});

const SUMMARY = Prisma.sql`
  SELECT n.id, n.name, n.simulated, n.heard_at, n.silent_reason, n.cores, n.memory_bytes,
    coalesce(v.allocated, 0)::bigint AS allocated, coalesce(v.vps_count, 0)::bigint AS vps_count,
    (SELECT count(*) FROM orphan o WHERE o.node_id = n.id) AS orphan_count
  FROM node n LEFT JOIN (
    SELECT node_id, sum(memory_bytes) AS allocated, count(*) AS vps_count FROM vps GROUP BY node_id) v ON v.node_id = n.id`;

function toSummary(row: z.infer<typeof summaryRowSchema>, nowMs: number): NodeSummary {
  const health = nodeHealth(row.heard_at?.getTime() ?? null, nowMs);
  return {
    id: row.id,
    name: row.name,
    simulated: row.simulated,
    health,
    healthReason: health === "healthy" ? null : (row.silent_reason ?? "It has not been heard of lately."),
    observedAt: row.heard_at?.toISOString() ?? null,
    cores: row.cores,
    memoryBytes: row.memory_bytes,
    memoryAllocatedBytes: row.allocated,
    orphanCount: row.orphan_count,
    vpsCount: row.vps_count,
  };
}

const DETAIL = {
  address: true,
  agentVersion: true,
  enrolledAt: true,
  inventory: true,
  cores: true,
  memoryBytes: true,
  poolBytes: true,
  overcommitCpu: true,
  overcommitMemory: true,
  overcommitDisk: true,
  nics: { select: { detail: true }, orderBy: { position: "asc" } },
  templates: {
    select: { name: true, description: true, sha256: true, sizeBytes: true, init: true },
    orderBy: { name: "asc" },
  },
} as const satisfies Prisma.NodeSelect;

type DetailRow = Prisma.NodeGetPayload<{ select: typeof DETAIL }>;

function toDetail(summary: NodeSummary, row: DetailRow, promised: Shares): NodeDetail {
  const { overcommitCpu: cpu, overcommitMemory: memory, overcommitDisk: disk } = row;
  const capacity = capacityOf({
    cores: row.cores,
    memoryBytes: row.memoryBytes === null ? null : Number(row.memoryBytes),
    poolBytes: row.poolBytes === null ? null : Number(row.poolBytes),
  });
  const nics = row.nics.map((nic) => nicSchema.parse(nic.detail));
  return {
    ...summary,
    overcommit: { cpu, memory, disk },
    shares: capacity === null ? null : { capacity, promised },
    address: row.address,
    agentVersion: row.agentVersion,
    enrolledAt: row.enrolledAt.toISOString(),
    inventory:
      row.inventory === null ? null : nodeInventorySchema.parse({ ...z.looseObject({}).parse(row.inventory), nics }),
    templates: row.templates.map((template) =>
      templateSchema.parse({ ...template, sizeBytes: Number(template.sizeBytes) }),
    ),
  };
}

export function createNodeStore(access: DatabaseAccess, clock: Clock) {
  const summaries = async (where: Prisma.Sql): Promise<NodeSummary[]> => {
    const rows = await access.read((db) => db.$queryRaw`${SUMMARY} ${where} ORDER BY n.name COLLATE "C"`);
    return z
      .array(summaryRowSchema)
      .parse(rows)
      .map((row) => toSummary(row, clock.nowMs()));
  };

  return {
    ...createRemovalStore(access),
    list: () => summaries(Prisma.empty),

    async get(nodeId: string): Promise<NodeDetail> {
      const [summary] = await summaries(Prisma.sql`WHERE n.id = ${nodeId}`);
      const row = await access.read((db) => db.node.findUnique({ where: { id: nodeId }, select: DETAIL }));
      if (summary === undefined || row === null) throw new MusterError("not_found", "This node does not exist.");
      return toDetail(summary, row, await access.read((db) => promisedOn(db, nodeId)));
    },

    async addresses(): Promise<NodeToFollow[]> {
      const select = { id: true, name: true, address: true, simulated: true, watchedBy: true, heardAt: true } as const;
      const rows = await access.read((db) => db.node.findMany({ select }));
      return rows.map(({ heardAt, ...node }) => ({ ...node, heardAtMs: heardAt?.getTime() ?? null }));
    },

    async address(nodeId: string): Promise<NodeAddress> {
      const select = { id: true, name: true, address: true, simulated: true } as const;
      const row = await access.read((db) => db.node.findUnique({ where: { id: nodeId }, select }));
      if (row === null) throw new MusterError("not_found", "This node does not exist.");
      return row;
    },

    /** Of every node that answered since the last time, in one statement however many they are. */
    async heard(all: readonly Heard[]): Promise<void> {
      if (all.length === 0) return;
      const rows = JSON.stringify(all.map((one) => ({ id: one.nodeId, at: new Date(one.atMs) })));
      await access.read(
        (db) => db.$executeRaw`
          UPDATE node SET heard_at = h.at, silent_reason = NULL
          FROM jsonb_to_recordset(${rows}::jsonb) AS h(id TEXT, at TIMESTAMPTZ)
          WHERE node.id = h.id AND (node.heard_at IS NULL OR node.heard_at < h.at)`,
      );
    },

    /**
     * Why the last attempt failed; the time it was last heard stays. Only the server that follows it may say so: one
     * that was paused, and whose answers are late for that reason, does not follow it any more.
     */
    async silent(nodeId: string, { me, reason }: { me: string; reason: string }): Promise<void> {
      await access.read((db) =>
        db.node.updateMany({
          where: { id: nodeId, watchedBy: me, OR: [{ silentReason: null }, { silentReason: { not: reason } }] },
          data: { silentReason: reason },
        }),
      );
    },

    /** Time alone changed what is shown of it (it fell silent, or came back): nothing in its row would tell. */
    async announce(nodeId: string): Promise<void> {
      await access.read((db) => db.$executeRaw`SELECT pg_notify('muster_fleet', ${`${nodeId} -`})`);
    },

    async setOvercommit(nodeId: string, { cpu, memory, disk }: Overcommit): Promise<void> {
      const data = { overcommitCpu: cpu, overcommitMemory: memory, overcommitDisk: disk };
      const { count: changed } = await access.read((db) => db.node.updateMany({ where: { id: nodeId }, data }));
      if (changed === 0) throw new MusterError("not_found", "This node does not exist.");
    },

    async saveInventory(nodeId: string, description: AgentDescription, inventory: NodeInventory): Promise<void> {
      const { nics, ...rest } = inventory;
      const { first, prefix } = parseNetwork(inventory.network.network);
      const data = {
        agentVersion: description.agentVersion,
        bootId: inventory.bootId,
        cores: inventory.cpu.cores,
        memoryBytes: inventory.memoryBytes,
        poolBytes: inventory.pool?.sizeBytes ?? null,
        // 10.80.0.1/24 and 10.80.0.0/24 are one network, and addresses are unique within it.
        network: `${numberToIpv4(first)}/${prefix}`,
        gateway: inventory.network.gateway,
        inventory: rest,
      };
      await access.transaction(async (transaction) => {
        await transaction.node.updateMany({ where: { id: nodeId }, data });
        await transaction.nic.deleteMany({ where: { nodeId } });
        await transaction.nic.createMany({
          data: nics.map((nic, position) => ({
            nodeId,
            position,
            name: nic.name,
            kind: nic.kind,
            mac: nic.mac,
            driver: nic.driver,
            linkUp: nic.linkUp,
            speedBitsPerSecond: nic.speedBitsPerSecond,
            detail: nic,
          })),
        });
      });
    },

    /** A job and the server that follows the node may write it at once: whoever has the node's row is first. */
    async saveTemplates(nodeId: string, templates: readonly Template[]): Promise<void> {
      await access.transaction(async (transaction) => {
        const held = await transaction.$queryRaw`SELECT id FROM node WHERE id = ${nodeId} FOR NO KEY UPDATE`;
        if (z.array(z.unknown()).parse(held).length === 0) return; // removed meanwhile
        await transaction.template.deleteMany({ where: { nodeId } });
        await transaction.template.createMany({ data: templates.map((template) => ({ nodeId, ...template })) });
      });
    },
  };
}
export type NodeStore = ReturnType<typeof createNodeStore>;
