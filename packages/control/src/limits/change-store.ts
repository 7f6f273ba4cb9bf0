/**
 * Reserving changes of limits: checked, written into the specs and written down as jobs in one transaction that holds
 * the node's row, so of two at once the second sees what the first was promised. Many VPSs of a node cost as many
 * statements as one: four.
 */
import { Prisma, type Transaction } from "@muster/db/client";
import { MusterError } from "@muster/model/errors";
import type { LimitsChange } from "@muster/model/limits/registry";
import type { Vps, VpsSpec } from "@muster/model/vps";
import { z } from "zod";
import type { Clock } from "../clock.ts";
import type { DatabaseAccess } from "../database-access.ts";
import { insertJobsSql } from "../jobs/insert-store.ts";
import type { NewJob } from "../jobs/store.ts";
import { type NodeFacts, readNodeFacts } from "../placement/facts-store.ts";
import { gone } from "../vps/allowed.ts";
import { nextGeneration } from "../vps/generation.ts";
import { someSql } from "../vps/list-store.ts";
import { toVps, vpsRowSchema } from "../vps/row.ts";
import { planNext } from "./plan.ts";

export interface AskedChange {
  vpsId: string;
  limits: LimitsChange;
  until: string | null;
  actor: string;
  retryOf: string | null;
}

/** What the job is to do, once its VPS is held. */
export interface ReservedChange {
  vps: Vps;
  after: VpsSpec;
  generation: number;
  asked: AskedChange;
}

export type ChangeResult = { vpsId: string; jobId: string } | { vpsId: string; error: MusterError };

export interface ChangesOfNode {
  nodeId: string;
  asked: readonly AskedChange[];
  job: (reserved: ReservedChange) => NewJob;
}

export function createChangeStore(access: DatabaseAccess, clock: Clock) {
  /** One result for each that was asked, in that order. */
  const reserveIn = async (
    transaction: Transaction,
    { nodeId, asked, job }: ChangesOfNode,
  ): Promise<ChangeResult[]> => {
    const nowMs = clock.nowMs();
    const node = await readNodeFacts(transaction, nodeId, { lock: true, nowMs });
    const ids = asked.map(({ vpsId }) => vpsId);
    const rows = await transaction.$queryRaw(someSql(ids, Prisma.sql`ORDER BY v.id FOR UPDATE OF v`));
    const found = z.array(vpsRowSchema).parse(rows);
    const vpsById = new Map(found.map((row) => [row.id, toVps(row, nowMs)]));
    const planned = asked.map((one) => plan(one, vpsById.get(one.vpsId), node));
    const reserved = planned.filter((one) => "reserved" in one).map((one) => one.reserved);
    const jobs = new Map(reserved.map((one) => [one.asked.vpsId, job(one)]));
    if (reserved.length > 0) await write(transaction, reserved, [...jobs.values()]);
    return planned.map((one) => {
      if ("error" in one) return one;
      const { vpsId } = one.reserved.asked;
      const jobId = jobs.get(vpsId)?.id;
      return jobId === undefined ? { vpsId, error: gone() } : { vpsId, jobId };
    });
  };

  return {
    reserveIn,

    async reserve(changes: ChangesOfNode): Promise<ChangeResult[]> {
      return await access.transaction((transaction) => reserveIn(transaction, changes));
    },

    /**
     * The spec as it was, of the generation in which the node has it. Only while the job holds the VPS, and its row is of
     * the next generation at most: one that is further on has something of others', or was taken back already.
     */
    async takeBack(request: { vpsId: string; jobId: string; before: VpsSpec; generation: number }): Promise<void> {
      const { vpsId, jobId, before, generation } = request;
      await access.read(
        (db) => db.$executeRaw`
          UPDATE vps SET name = ${before.name}, limits = ${JSON.stringify(before.limits)}::jsonb,
            generation = greatest(${generation}::int, applied_generation)
          WHERE id = ${vpsId} AND holding_job_id = ${jobId} AND generation <= ${generation + 1}`,
      );
    },
  };
}
export type ChangeStore = ReturnType<typeof createChangeStore>;

type Planned = { reserved: ReservedChange } | { vpsId: string; error: MusterError };

function plan(asked: AskedChange, vps: Vps | undefined, node: NodeFacts): Planned {
  const { vpsId } = asked;
  if (vps === undefined || vps.nodeId !== node.nodeId) return { vpsId, error: gone() };
  try {
    const { limits } = planNext(vps, asked.limits, node);
    return { reserved: { vps, asked, after: { ...vps.spec, limits }, generation: nextGeneration(vps) } };
  } catch (error) {
    if (error instanceof MusterError) return { vpsId, error };
    throw error;
  }
}

async function write(transaction: Transaction, reserved: readonly ReservedChange[], jobs: readonly NewJob[]) {
  const rows = JSON.stringify(
    reserved.map(({ vps, after, generation }, index) => ({
      ...{ vpsId: vps.id, limits: after.limits, generation },
      jobId: jobs[index]?.id,
    })),
  );
  await transaction.$executeRaw`
    WITH held AS (
      UPDATE vps SET limits = a.limits, generation = a.generation, holding_job_id = a."jobId",
        holding_operation = 'vps.setLimits'
      FROM jsonb_to_recordset(${rows}::jsonb) AS a("vpsId" TEXT, "jobId" TEXT, limits JSONB, generation INT)
      WHERE vps.id = a."vpsId" RETURNING vps.holding_job_id AS job_id),
    ${insertJobsSql(jobs, Prisma.sql`held`)}
    SELECT 1`;
}
