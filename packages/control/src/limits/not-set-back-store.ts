/** Ends of changes that did not come to be, and that wait for a person: nothing tries them again. */
import { Prisma } from "@muster/db/client";
import { type NotSetBack, notSetBackSchema } from "@muster/model/vps";
import { z } from "zod";
import type { DatabaseAccess } from "../database-access.ts";
import { isOvertaken } from "../jobs/overtaken-store.ts";
import { DID_NOT_SET_BACK, WHY_NOT } from "./timed-store.ts";

const rowSchema = notSetBackSchema.extend({ dueAt: z.date().transform((at) => at.toISOString()) });

/** Twice as many as one change of many can leave behind. */
const LONGEST = 1_000;

export function createNotSetBackStore(access: DatabaseAccess) {
  return {
    /**
     * Refused at its time, or by a job that failed, was cancelled or is stuck (timed-store.ts says why that is read off the
     * job): 14 ms for 400 of 20,000 ends, among 200,000 jobs.
     *
     * While the job is stuck and nobody has gone past it, the spec has the limits that it asked for, and its node perhaps
     * not: all of them count.
     *
     * A limit no longer counts once it has that value after all, or was changed again: by what would have overtaken the
     * end (allocation-store.ts), or by a later end. Times of the history are the database's and `due_at` is a server's,
     * so what came after is told by ids.
     */
    async list(vpsId?: string): Promise<NotSetBack[]> {
      const ofVps = vpsId === undefined ? Prisma.empty : Prisma.sql`AND t.vps_id = ${vpsId}`;
      const rows = await access.read(
        (db) => db.$queryRaw`
          WITH unmet AS (
            SELECT t.*, t.reason AS why, false AS in_doubt FROM timed_change t WHERE t.state = 'refused' ${ofVps}
            UNION ALL
            SELECT t.*, ${WHY_NOT}, j.state = 'stuck' AND NOT ${isOvertaken(Prisma.sql`j.id`)}
            FROM job j JOIN timed_change t ON t.vps_id = j.vps_id AND t.job_id = j.id
            WHERE j.kind = 'vps.setLimits' AND ${DID_NOT_SET_BACK} AND t.state = 'fired' ${ofVps})
          SELECT u.id, v.id AS "vpsId", v.name AS "vpsName", u.due_at AS "dueAt", still.back, u.why AS reason
          FROM unmet u JOIN vps v ON v.id = u.vps_id CROSS JOIN LATERAL (
            SELECT jsonb_object_agg(b.key, b.value) AS back FROM jsonb_each(u.back) b
            WHERE (u.in_doubt OR v.limits->b.key IS DISTINCT FROM b.value) AND NOT EXISTS (
              SELECT FROM allocation_change a LEFT JOIN timed_change s ON s.vps_id = a.vps_id AND s.job_id = a.job_id
              WHERE a.vps_id = v.id AND a.limit_name = b.key
                AND a.id > (SELECT max(id) FROM allocation_change WHERE job_id = u.made_by_job_id)
                AND coalesce(s.due_at, a.until, 'infinity') >= u.due_at)) still
          WHERE still.back IS NOT NULL
          ORDER BY u.due_at DESC, u.id LIMIT ${LONGEST}`,
      );
      return z.array(rowSchema).parse(rows);
    },
  };
}
export type NotSetBackStore = ReturnType<typeof createNotSetBackStore>;
