/**
 * The servers of the fleet as the database has heard of them. A start under a known id takes the place of the
 * incarnation before it, so a server that comes again goes on with its jobs without waiting until it is thought dead.
 */
import { z } from "zod";
import type { DatabaseAccess } from "../database-access.ts";

export interface OwnJob {
  id: string;
  /** A cancel was accepted, and it has not ended. */
  cancelRequested: boolean;
}

const ownSchema = z.array(z.object({ id: z.string(), cancelled: z.boolean() }));

export function createServerStore(access: DatabaseAccess, me: string) {
  return {
    async register(serverId: string): Promise<void> {
      await access.read(
        (db) => db.$executeRaw`
          INSERT INTO server (id, incarnation, started_at, beat_at)
          VALUES (${serverId}, ${me}, clock_timestamp(), clock_timestamp())
          ON CONFLICT (id) DO UPDATE SET incarnation = excluded.incarnation, started_at = excluded.started_at,
            beat_at = excluded.beat_at`,
      );
    },

    /** @returns false when another start has taken this server's place. */
    async beat(): Promise<boolean> {
      const rows = await access.read(
        (db) => db.$queryRaw`
          UPDATE server SET beat_at = clock_timestamp() WHERE incarnation = ${me}
          RETURNING id, set_config('synchronous_commit', 'off', true)`,
      );
      return z.array(z.unknown()).parse(rows).length === 1;
    },

    /** What this server should be at work on. */
    async ownJobs(): Promise<OwnJob[]> {
      const rows = await access.read(
        (db) => db.$queryRaw`
          SELECT id, cancel_requested_at IS NOT NULL AS cancelled FROM job WHERE owner = ${me} AND ended_at IS NULL`,
      );
      return ownSchema.parse(rows).map(({ id, cancelled }) => ({ id, cancelRequested: cancelled }));
    },

    /** Claimed, but the answer never came here: back into the queue. */
    async giveBack(jobIds: readonly string[]): Promise<void> {
      await access.read((db) =>
        db.job.updateMany({ where: { id: { in: [...jobIds] }, owner: me, endedAt: null }, data: { owner: null } }),
      );
    },

    /** It stops: its jobs are anybody's at once. */
    async leave(): Promise<void> {
      await access.read((db) => db.server.deleteMany({ where: { incarnation: me } }));
    },
  };
}
export type ServerStore = ReturnType<typeof createServerStore>;
