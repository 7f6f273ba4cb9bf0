/** SQL about stuck jobs: which way they were going, and who has gone past them. */
import { Prisma } from "@muster/db/client";

const SPEC_CHANGES = Prisma.sql`'vps.setLimits', 'vps.rename'`;

/** One that was given up halfway back has steps that are undone and none that failed to be. */
export const onItsWayBack = (jobId: string | Prisma.Sql) =>
  Prisma.sql`EXISTS (SELECT FROM job_step WHERE job_id = ${jobId} AND state IN ('undo_failed', 'undone'))`;

/**
 * Jobs that have gone on with the VPS of a stuck one since: what it would take back is no longer what there is. A spec
 * is only gone on with by another change of the spec: after a start it is still not known which of the two holds. One
 * that was stuck before it and has been taken back since counts too: the stuck one would bring back what that one made.
 */
export const overtaking = (jobId: string | Prisma.Sql) => Prisma.sql`
  SELECT later.id FROM job behind JOIN job later ON later.vps_id = behind.vps_id
  WHERE behind.id = ${jobId} AND later.id <> behind.id AND later.ended_at > behind.ended_at
    AND CASE WHEN behind.kind IN (${SPEC_CHANGES}) THEN later.kind IN (${SPEC_CHANGES})
        AND (later.state = 'succeeded' OR (later.state IN ('failed', 'cancelled') AND later.created_at < behind.created_at))
      ELSE later.state = 'succeeded' AND later.kind <> 'vps.delete' END`;

/** What is stuck on its way back and would take back what is no longer there. */
export const isOvertaken = (jobId: Prisma.Sql) =>
  Prisma.sql`(${onItsWayBack(jobId)} AND EXISTS (${overtaking(jobId)}))`;
