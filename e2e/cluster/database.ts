/**
 * The cluster's PostgreSQL: the embedded one, with what it promises to have written down really written down when it is
 * killed (its commits wait for the kernel, which outlives it; only the disk is not waited for).
 */
import { chmodSync, chownSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { ensureAccounts } from "@muster/setup/supervisor/accounts";
import { migrate } from "@muster/setup/supervisor/database";
import {
  answers,
  clusterDir,
  ensureCluster,
  ensureDatabase,
  ensurePasswords,
  POSTGRES_ENV,
  postgresArgv,
  productUrl,
  SUPERUSER,
  urlFor,
} from "@muster/setup/supervisor/embedded-postgres";
import { openCheckout } from "@muster/setup/supervisor/launch";
import { settlePostmaster } from "@muster/setup/supervisor/postmaster";
import { type ClusterProcess, clusterProcess } from "./process.ts";

const SETTINGS = { fsync: "off", full_page_writes: "off" };

export interface ClusterDatabase {
  url: string;
  process: ClusterProcess;
}

export async function startDatabase(checkoutPath: string, dataDir: string, port: number): Promise<ClusterDatabase> {
  const accounts = await ensureAccounts(process.getuid?.() === 0);
  const account = accounts?.database ?? null;
  const folder = join(dataDir, "postgres");
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  if (account !== null) chownSync(folder, account.uid, account.gid);
  const checkout = await openCheckout(checkoutPath, dataDir, account);
  const cluster = { checkout, account, folder, port, settings: SETTINGS };
  const passwords = ensurePasswords(join(dataDir, "secrets"));
  await ensureCluster(cluster, passwords.superuser);
  const superuserUrl = urlFor(port, SUPERUSER, passwords.superuser);
  const postgres = clusterProcess({
    name: "postgres",
    argv: postgresArgv(cluster),
    env: POSTGRES_ENV,
    logFile: join(dataDir, "postgres.log"),
    answers: (signal) => answers(superuserUrl, signal),
    stopSignal: "SIGINT",
  });
  const process_: ClusterProcess = {
    ...postgres,
    start: async () => {
      await settlePostmaster(clusterDir(cluster)); // backends of a killed one hold on for a moment
      await postgres.start();
    },
  };
  await process_.start();
  await ensureDatabase(port, passwords);
  const url = productUrl(port, passwords);
  await migrate(checkoutPath, url);
  return { url, process: process_ };
}
