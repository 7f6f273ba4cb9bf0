/** The database of this start: the embedded one, or the one that DATABASE_URL names; migrated either way. */
import { join } from "node:path";
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
