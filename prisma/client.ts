/**
 * The one place that opens connections to the fleet's database. Only store files use what comes out of it.
 *
 * PostgreSQL may be stopped and started under a running server: idle connections then fail with 57P01, and an
 * 'error' event without a listener would end the process (reference: node-postgres, "pool.on('error')"). So
 * the pool has one; the pool drops the connection by itself, and the next query opens another.
 */
import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { Prisma, PrismaClient } from "./generated/client.ts";

export { Prisma };
export type Db = PrismaClient;
export type Transaction = Prisma.TransactionClient;

export interface Database {
  url: string;
  prisma: Db;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  maxConnections?: number;
  onConnectionError?: (error: Error) => void;
}

/** Opens nothing yet: the first query connects. */
export function openDatabase(url: string, options: DatabaseOptions = {}): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.maxConnections ?? 12,
    connectionTimeoutMillis: 5_000,
    // A server that went away without a word (a cable, a firewall) would be waited for without end.
    query_timeout: 30_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    application_name: "muster-server",
  });
  pool.on("error", (error) => options.onConnectionError?.(error));
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  return {
    url,
    prisma,
    close: async () => {
      await prisma.$disconnect();
      if (!pool.ended) await pool.end();
    },
  };
}
