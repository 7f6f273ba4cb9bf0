/**
 * Removing a node: first it is closed, so that nothing more is placed there, then it is forgotten with all that was
 * known of it. Nothing is asked of the node itself: one that burnt can be removed too, and VPSs go on running there.
 */
import type { Transaction } from "@muster/db/client";
import { Prisma } from "@muster/db/client";
import { MusterError } from "@muster/model/errors";
import { jobKindSchema } from "@muster/model/job";
import { underWay } from "@muster/model/job-title";
import { z } from "zod";
import type { DatabaseAccess } from "../database-access.ts";
import { insertJobSql, type NewJob } from "../jobs/store.ts";

export interface Closing {
  nodeId: string;
  forgetVps: boolean;
  job: (nodeName: string) => NewJob;
}

const nodeSchema = z.array(z.object({ name: z.string(), removing_job_id: z.string().nullable() }));
const vpsSchema = z.array(z.object({ name: z.string(), holding_job_id: z.string().nullable() }));

export function createRemovalStore(access: DatabaseAccess) {
  return {
    /** Closes the node and writes the job down, both or neither. not_found, busy, state_conflict */
    async close({ nodeId, forgetVps, job }: Closing): Promise<void> {
      await access.transaction(async (transaction) => {
        const rows = await transaction.$queryRaw`
          SELECT name, removing_job_id FROM node WHERE id = ${nodeId} FOR UPDATE`;
        const node = nodeSchema.parse(rows)[0];
        if (node === undefined) throw new MusterError("not_found", "This node does not exist.");
        if (node.removing_job_id !== null)
          throw new MusterError("busy", underWay({ jobId: node.removing_job_id, operation: "node.remove" }, node.name));
        await refuseAtWork(transaction, nodeId, node.name);
        const count = await transaction.vps.count({ where: { nodeId } });
        if (count > 0 && !forgetVps) throw hasVps(node.name, count);
        const written = job(node.name);
        await transaction.$executeRaw`
          WITH closed AS (UPDATE node SET removing_job_id = ${written.id} WHERE id = ${nodeId} RETURNING id),
          ${insertJobSql(written, Prisma.sql`closed`)}
          SELECT 1`;
      });
    },

    async reopen(nodeId: string, jobId: string): Promise<void> {
      await access.read((db) =>
        db.node.updateMany({ where: { id: nodeId, removingJobId: jobId }, data: { removingJobId: null } }),
      );
    },

    /** Only the job that closed it may. Forgetting what is forgotten is no error: the step may run twice. busy, state_conflict */
    async forget({ nodeId, jobId, forgetVps }: { nodeId: string; jobId: string; forgetVps: boolean }): Promise<void> {
      await access.transaction(async (transaction) => {
        const closed = await transaction.$queryRaw`
          SELECT name, removing_job_id FROM node WHERE id = ${nodeId} AND removing_job_id = ${jobId} FOR UPDATE`;
        const node = nodeSchema.parse(closed)[0];
        if (node === undefined) return;
        const rows = await transaction.$queryRaw`
          SELECT name, holding_job_id FROM vps WHERE node_id = ${nodeId} ORDER BY id FOR UPDATE`;
        const all = vpsSchema.parse(rows);
        const held = all.find((vps) => vps.holding_job_id !== null);
        if (held !== undefined)
          throw new MusterError("busy", `Job ${held.holding_job_id} has begun on ${held.name} meanwhile.`);
        if (all.length > 0 && !forgetVps) throw hasVps(node.name, all.length);
        await transaction.vps.deleteMany({ where: { nodeId } });
        await transaction.node.deleteMany({ where: { id: nodeId } });
      });
    },
  };
}

/** A job that enrols it does not count: it may be waiting for a node that never comes. */
async function refuseAtWork(transaction: Transaction, nodeId: string, nodeName: string): Promise<void> {
  const job = await transaction.job.findFirst({
    where: { nodeId, endedAt: null, kind: { not: "node.enrol" } },
    select: { id: true, kind: true, vpsName: true },
    orderBy: { createdAt: "asc" },
  });
  if (job === null) return;
  const atWork = { jobId: job.id, operation: jobKindSchema.parse(job.kind) };
  throw new MusterError("busy", underWay(atWork, job.vpsName ?? nodeName));
}

function hasVps(nodeName: string, count: number): MusterError {
  const has = count === 1 ? "1 VPS" : `${count} VPSs`;
  return new MusterError(
    "state_conflict",
    `${nodeName} has ${has}: delete them first, or have them forgotten with it.`,
  );
}
