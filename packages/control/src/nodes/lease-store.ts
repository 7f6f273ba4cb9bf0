/**
 * Which server follows a node: the one whose lease stands in its row. With several servers on one database each node
 * is asked and written down by one of them, and by another within seconds when that one dies.
 *
 * - A lease stands for 6 s by the database's clock and is renewed when 2 s of it are gone. A node that was heard a
 *   moment before its server was killed is shown unknown after 5 s, and is taken over at 6 s.
 * - Whatever is free is taken by whoever looks first, however much it is: nobody waits for a fair share while a node
 *   is followed by nobody. The shares are evened afterwards, by the poorer taking half the difference from the richest.
 *   For a second both follow it then; that does no harm, since statuses are numbered and what was heard was heard.
 * - A server that was started again under its id takes the place of its former incarnation at once, which takes
 *   nothing any more, should it still be there.
 */
import { Prisma } from "@muster/db/client";
import type { DatabaseAccess } from "../database-access.ts";

const LEASE_MS = 6_000;
const RENEW_AFTER_MS = 2_000;

const msSql = (ms: number) => Prisma.sql`(${ms} * INTERVAL '1 millisecond')`;

/** @param me this server's incarnation. */
export function createLeaseStore(access: DatabaseAccess, me: string) {
  /** @param found ends in a query named `picked`; a row that another server is at is left for the next time. */
  const take = (found: Prisma.Sql) =>
    access.read(
      (db) => db.$executeRaw`
        WITH ${found}
        UPDATE node SET watched_by = ${me}, watched_until = clock_timestamp() + ${msSql(LEASE_MS)}
        FROM picked WHERE node.id = picked.id AND EXISTS (SELECT FROM server WHERE incarnation = ${me})`,
    );

  return {
    /** Renews what is this server's and takes what is nobody's. */
    async keep(): Promise<void> {
      await take(Prisma.sql`picked AS (
        SELECT n.id FROM node n
        WHERE n.watched_until IS NULL OR n.watched_until < clock_timestamp()
          OR (n.watched_by = ${me} AND n.watched_until < clock_timestamp() + ${msSql(LEASE_MS - RENEW_AFTER_MS)})
          OR NOT EXISTS (SELECT FROM server s WHERE s.incarnation = n.watched_by)
        FOR UPDATE OF n SKIP LOCKED)`);
    },

    async even(): Promise<void> {
      await take(Prisma.sql`
        held AS (SELECT watched_by AS server, count(*) AS nodes FROM node WHERE watched_by IS NOT NULL GROUP BY watched_by),
        richest AS (
          SELECT server, greatest(0, nodes - coalesce((SELECT nodes FROM held WHERE server = ${me}), 0)) / 2 AS surplus
          FROM held WHERE server <> ${me} ORDER BY nodes DESC, server LIMIT 1),
        picked AS (
          SELECT n.id FROM node n WHERE n.watched_by = (SELECT server FROM richest)
          ORDER BY n.id LIMIT (SELECT surplus FROM richest) FOR UPDATE OF n SKIP LOCKED)`);
    },

    /** At the orderly end of a server: another one follows its nodes at once. */
    async release(): Promise<void> {
      await access.read((db) =>
        db.node.updateMany({ where: { watchedBy: me }, data: { watchedBy: null, watchedUntil: null } }),
      );
    },
  };
}
export type LeaseStore = ReturnType<typeof createLeaseStore>;
