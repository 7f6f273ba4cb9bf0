/** SQL about stuck jobs: which way they were going, and who has gone past them. */
import { Prisma } from "@muster/db/client";

/** One that was given up halfway back has steps that are undone and none that failed to be. */
export const onItsWayBack = (jobId: string | Prisma.Sql) =>
  Prisma.sql`EXISTS (SELECT FROM job_step WHERE job_id = ${jobId} AND state IN ('undo_failed', 'undone'))`;

/**
 * Jobs that have gone on with the VPS of a stuck one since: what it would take back is no longer what there is. A spec
 * is only gone on with by another change of the spec: after a start it is still not known which of the two holds.
 */
export const overtaking = (jobId: string | Prisma.Sql) => Prisma.sql`
  SELECT later.id FROM job behind JOIN job later ON later.vps_id = behind.vps_id
  WHERE behind.id = ${jobId} AND later.id <> behind.id AND later.state = 'succeeded'
    AND later.kind <> 'vps.delete' AND later.ended_at > behind.ended_at
    AND (behind.kind NOT IN ('vps.setLimits', 'vps.rename') OR later.kind IN ('vps.setLimits', 'vps.rename'))`;
