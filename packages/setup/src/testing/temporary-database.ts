/** A PostgreSQL for one run of the tests: fast instead of safe, gone afterwards. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, chownSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureAccounts } from "../supervisor/accounts.ts";
import {
  answers,
  type Cluster,
  ensureCluster,
  POSTGRES_ENV,
  postgresArgv,
  SUPERUSER,
  urlFor,
} from "../supervisor/embedded-postgres.ts";
import { openCheckout } from "../supervisor/launch.ts";

export const DATABASE_PREFIX = "muster-test-db-";

export interface TemporaryDatabase {
  /** As the superuser: tests make databases of their own. */
  url: string;
  stop(): Promise<void>;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}

/** No fsync: a crash of the machine ends the run anyway. Half the time of the db tier was in it. */
const FAST = { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: "200" };

async function makeCluster(checkoutPath: string): Promise<{ cluster: Cluster; password: string }> {
  const accounts = await ensureAccounts(process.getuid?.() === 0);
  const account = accounts?.database ?? null;
  const folder = mkdtempSync(join(tmpdir(), DATABASE_PREFIX));
  chmodSync(folder, 0o755);
  const checkout = await openCheckout(checkoutPath, folder, account);
  if (account) chownSync(folder, account.uid, account.gid);
  const cluster = { checkout, account, folder, port: await freePort(), settings: FAST };
  const password = randomBytes(24).toString("base64url");
  await ensureCluster(cluster, password);
  return { cluster, password };
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
}

export async function temporaryDatabase(checkoutPath: string): Promise<TemporaryDatabase> {
  const { cluster, password } = await makeCluster(checkoutPath);
  const [program, ...args] = postgresArgv(cluster);
  const child = spawn(program, args, { env: POSTGRES_ENV, cwd: cluster.folder, stdio: "ignore", detached: true });
  const end = ended(child);
  const url = urlFor(cluster.port, SUPERUSER, password);
  const over = new AbortController();
  await Promise.race([
    answers(url, over.signal),
    end.then(() => {
      throw new Error("the tests' PostgreSQL did not start");
    }),
  ]);
  over.abort();
  return {
    url,
    async stop() {
      child.kill("SIGINT");
      await end;
      rmSync(cluster.folder, { recursive: true, force: true });
    },
  };
}
