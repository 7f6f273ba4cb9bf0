/** The database of this start: the embedded one, or the one that DATABASE_URL names; migrated either way. */
import { join } from "node:path";
import pg from "pg";
import type { Account } from "./accounts.ts";
import {
  answers,
  type Cluster,
  clusterDir,
  ensureCluster,
  ensureDatabase,
  ensurePasswords,
  POSTGRES_ENV,
  postgresArgv,
  productUrl,
  SUPERUSER,
  urlFor,
} from "./embedded-postgres.ts";
import type { Environment } from "./environment.ts";
import { mustExecute } from "./execute.ts";
import { type Keeper, type KeeperHooks, keeperOf } from "./keeper.ts";
import type { Checkout } from "./launch.ts";
import { settlePostmaster } from "./postmaster.ts";
import { Refusal } from "./refusal.ts";

const CONNECT_WITHIN_MS = 10_000;

export interface EmbeddedDatabase {
  url: string;
  keeper: Keeper;
  /** Makes role and database; call when the keeper has started. */
  prepare(): Promise<void>;
}

export function embeddedCluster(environment: Environment, checkout: Checkout, account: Account | null): Cluster {
  return {
    checkout,
    account,
    folder: join(environment.MUSTER_DATA_DIR, "postgres"),
    port: environment.MUSTER_DATABASE_PORT,
  };
}

/** A PostgreSQL that outlived a killed supervisor holds the port and the directory. */
export async function settleEmbedded(environment: Environment): Promise<boolean> {
  if (environment.DATABASE_URL !== undefined) return false;
  const directory = join(environment.MUSTER_DATA_DIR, "postgres/data");
  return (await settlePostmaster(directory)) === "alive";
}

export async function embeddedDatabase(
  cluster: Cluster,
  dataDir: string,
  hooks: KeeperHooks,
): Promise<EmbeddedDatabase> {
  const passwords = ensurePasswords(join(dataDir, "secrets"));
  await ensureCluster(cluster, passwords.superuser);
  const superuserUrl = urlFor(cluster.port, SUPERUSER, passwords.superuser);
  const keeper = keeperOf(
    {
      name: "postgres",
      argv: postgresArgv(cluster),
      env: POSTGRES_ENV,
      logFile: join(dataDir, "logs/postgres.log"),
      stopSignal: "SIGINT", // fast shutdown: clients are cut off, nothing is lost
      answers: (signal) => answers(superuserUrl, signal),
      beforeRestart: async () => void (await settlePostmaster(clusterDir(cluster))),
    },
    hooks,
  );
  return { url: productUrl(cluster.port, passwords), keeper, prepare: () => ensureDatabase(cluster.port, passwords) };
}

const NO_SUCH_DATABASE = "3D000"; // SQLSTATE; the migration makes it

/** A database of one's own that does not answer is said before a stack of the driver's would be shown. */
export async function requireAnswer(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_WITHIN_MS });
  try {
    await client.connect();
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === NO_SUCH_DATABASE) return;
    // Node tries each address of a name and wraps what came of it in an error without words.
    const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
    const words = first instanceof Error ? first.message : String(first);
    const sentence = `The database of DATABASE_URL does not answer: ${words}. Start it, or correct DATABASE_URL.`;
    throw new Refusal(sentence, 1, { cause: error });
  } finally {
    await client.end().catch(() => undefined); // it may never have been open
  }
}

export async function migrate(checkout: string, url: string): Promise<void> {
  const env = { ...POSTGRES_ENV, DATABASE_URL: url };
  await mustExecute(
    "The database could not be brought up to date.",
    [process.execPath, join(checkout, "prisma/migrate.ts")],
    {
      env,
    },
  );
}
