/** Ends of changes: what is set back at a certain time. Each fires once. */
import { Prisma, type Transaction } from "@muster/db/client";
import { type ErrorCode, MusterError } from "@muster/model/errors";
import { NODE_SILENCE_MS } from "@muster/model/node";
import { type TimedChange, timedChangeSchema } from "@muster/model/vps";
import { z } from "zod";
import type { DatabaseAccess } from "../database-access.ts";
import type { AskedChange, ChangeResult } from "./change-store.ts";

const COLUMNS = Prisma.sql`id, vps_id AS "vpsId", vps_name AS "vpsName", actor, due_at AS "dueAt", back, job_id AS "jobId"`;
const rowSchema = timedChangeSchema.extend({ dueAt: z.date().transform((at) => at.toISOString()) });

const LONGEST = 200;
/** As many as are looked at in one round; the next round comes in a second. */
const ROUND = 100;

/** These pass: the change waits for them and is late, which is better than never. */
const WAITED_FOR: ReadonlySet<ErrorCode> = new Set(["busy", "state_conflict", "node_unreachable"]);

/**
 * Of the job `j` of an end. One that is stuck is not fired again by itself, since no stuck job is retried by itself: when
 * a person retries it, it is first taken back, and may then be asked for anew.
 */
export const DID_NOT_SET_BACK = Prisma.sql`j.state IN ('failed', 'cancelled', 'stuck')`;
/** Of one that is stuck, what can be done too. */
export const WHY_NOT = Prisma.sql`concat_ws(' ', j.error->>'message', j.advice)`;

/** Writes the job down in the same transaction. */
export type FireChange = (transaction: Transaction, asked: AskedChange & { nodeId: string }) => Promise<ChangeResult>;

export function createTimedStore(access: DatabaseAccess) {
  return {
    /**
     * One whose job failed, was cancelled or is stuck is refused, with that job's reason. It is read off the job and so true
     * from the job's end on; a watcher that wrote it down would look through all that ever fired (18 ms each second for
     * 20,000 of them).
     */
    async list(vpsId: string): Promise<TimedChange[]> {
      const rows = await access.read(
        (db) => db.$queryRaw`
          SELECT ${COLUMNS}, CASE WHEN failed_job IS NULL THEN state ELSE 'refused' END AS state,
            coalesce(why_failed, reason) AS reason
          FROM timed_change LEFT JOIN LATERAL (
            SELECT j.id AS failed_job, ${WHY_NOT} AS why_failed
            FROM job j WHERE j.id = timed_change.job_id AND ${DID_NOT_SET_BACK}) failed ON state = 'fired'
          WHERE vps_id = ${vpsId}
          ORDER BY (timed_change.state = 'pending') DESC, CASE WHEN timed_change.state = 'pending' THEN due_at END,
            due_at DESC LIMIT ${LONGEST}`,
      );
      return z.array(rowSchema).parse(rows);
    },

    async cancel(id: string, actor: string): Promise<void> {
      const rows = await access.read(
        (db) => db.$queryRaw`
          WITH found AS (SELECT id, state FROM timed_change WHERE id = ${id} FOR UPDATE),
          cancelled AS (
            UPDATE timed_change SET state = 'cancelled', reason = ${`By ${actor}.`} FROM found
            WHERE timed_change.id = found.id AND found.state = 'pending')
          SELECT state FROM found`,
      );
      const state = z.array(timedChangeSchema.pick({ state: true })).parse(rows)[0]?.state;
      if (state === undefined) throw new MusterError("not_found", "This timed change does not exist.");
      if (state !== "pending") throw new MusterError("state_conflict", `It is ${state} already.`);
    },

    /**
     * Those that can be met now, as it seems: `fire` looks again. What waits (for a job, for a silent node) is left out
     * here, or a hundred of them would keep all the others waiting.
     */
    async due(nowMs: number): Promise<string[]> {
      const rows = await access.read(
        (db) => db.$queryRaw`
          SELECT t.id FROM timed_change t LEFT JOIN vps v ON v.id = t.vps_id LEFT JOIN node n ON n.id = v.node_id
          WHERE t.state = 'pending' AND t.due_at <= ${new Date(nowMs)} AND (v.id IS NULL OR (
            v.holding_job_id IS NULL AND v.placement_state IN ('running', 'stopped')
            AND n.heard_at >= ${new Date(nowMs - NODE_SILENCE_MS)} AND n.removing_job_id IS NULL))
          ORDER BY t.due_at LIMIT ${ROUND}`,
      );
      return z
        .array(z.object({ id: z.string() }))
        .parse(rows)
        .map(({ id }) => id);
    },

    /**
     * The claim of the row and the writing down of its job are one transaction: whatever dies, both are there or
     * neither is. A row that another server has in hand is passed over.
     * @returns the change if it was refused: nothing tries it again, so its operator is to be told.
     */
    async fire(id: string, fire: FireChange): Promise<TimedChange | null> {
      return await access.transaction(async (transaction) => {
        const rows = await transaction.$queryRaw`
          SELECT ${COLUMNS}, state, reason FROM timed_change WHERE id = ${id} AND state = 'pending' FOR UPDATE SKIP LOCKED`;
        const change = z.array(rowSchema).parse(rows)[0];
        if (change === undefined) return null;
        const end = await outcome(transaction, change, fire);
        if (end !== null) await transaction.timedChange.update({ where: { id }, data: end });
        return end?.state === "refused" ? { ...change, ...end } : null;
      });
    },
  };
}
export type TimedStore = ReturnType<typeof createTimedStore>;

type End = { state: TimedChange["state"]; reason?: string; jobId?: string };

/** Null: not now. */
async function outcome(transaction: Transaction, change: TimedChange, fire: FireChange): Promise<End | null> {
  const { vpsId, actor, back } = change;
  const vps = await transaction.vps.findUnique({ where: { id: vpsId }, select: { nodeId: true } });
  if (vps === null) return { state: "cancelled", reason: "The VPS was deleted." };
  const asked = { vpsId, actor, limits: back, until: null, retryOf: null };
  const result = await fire(transaction, { nodeId: vps.nodeId, ...asked });
  if ("jobId" in result) return { state: "fired", jobId: result.jobId };
  const { code, message } = result.error;
  return WAITED_FOR.has(code) ? null : { state: "refused", reason: message };
}
