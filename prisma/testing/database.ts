/**
 * A database of its own for each test file: cloned from a template that the run migrates once (about 50 ms
 * instead of the seconds that migrations take), dropped afterwards. A killed run drops nothing, so
 * each new one sweeps what is older than any run may last.
 *
 * The template's name has a hash of the migrations, so a changed migration makes a new one. It appears under that
 * name only when it is complete: it is built under another and renamed.
 */
import { createHash, randomBytes } from "node:crypto";
import { Client } from "pg";
import { deploy } from "../migrate.ts";
import { knownMigrations, type Migration } from "../migrations.ts";
import { testServerUrl } from "./lease.ts";

const PREFIX = "muster_test";
const STALE_MS = 3_600_000;
/** Any fixed number: it keeps two test processes from building one template at once. */
const TEMPLATE_LOCK = 7_305_801;

export interface TestDatabase {
  url: string;
  drop(): Promise<void>;
}

function atDatabase(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
}

async function withAdmin<Result>(serverUrl: string, work: (admin: Client) => Promise<Result>): Promise<Result> {
  const admin = new Client({ connectionString: serverUrl });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

/** Of the migrations' names and contents, in the order in which they are applied. */
export function hashOf(migrations: readonly Pick<Migration, "name" | "checksum">[]): string {
  const hash = createHash("sha256");
  for (const { name, checksum } of migrations) hash.update(`${name} ${checksum}\n`);
  return hash.digest("hex").slice(0, 16);
}

/** Names are made here of hexadecimal and decimal digits only, so quoting is enough. */
const quoted = (name: string) => `"${name}"`;

async function exists(admin: Client, database: string): Promise<boolean> {
  const found = await admin.query("SELECT 1 FROM pg_database WHERE datname = $1", [database]);
  return found.rowCount === 1;
}

async function drop(admin: Client, database: string): Promise<void> {
  await admin.query(`DROP DATABASE IF EXISTS ${quoted(database)} WITH (FORCE)`);
}

const freshName = () => `${PREFIX}_${Date.now()}_${randomBytes(4).toString("hex")}`;

/** The time a name was made at; null for a name that is not ours. */
export function madeAtMs(database: string): number | null {
  const digits = /^muster_test_(\d+)_[0-9a-f]{8}$/.exec(database)?.[1];
  return digits === undefined ? null : Number(digits);
}

async function sweep(admin: Client): Promise<void> {
  const all = await admin.query("SELECT datname FROM pg_database WHERE datname LIKE 'muster\\_test\\_%'");
  for (const { datname } of all.rows) {
    const madeAt = madeAtMs(String(datname));
    if (madeAt !== null && Date.now() - madeAt > STALE_MS) await drop(admin, String(datname));
  }
}

async function ensureTemplate(admin: Client, serverUrl: string): Promise<string> {
  const template = `muster_template_${hashOf(knownMigrations())}`;
  await admin.query("SELECT pg_advisory_lock($1)", [TEMPLATE_LOCK]);
  try {
    await sweep(admin);
    if (await exists(admin, template)) return template;
    const building = freshName();
    await admin.query(`CREATE DATABASE ${quoted(building)}`);
    await deploy(atDatabase(serverUrl, building));
    await admin.query(`ALTER DATABASE ${quoted(building)} RENAME TO ${quoted(template)}`);
    return template;
  } finally {
    await admin.query("SELECT pg_advisory_unlock($1)", [TEMPLATE_LOCK]);
  }
}

/** Migrated and empty. `drop` throws out whoever is still connected. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const serverUrl = await testServerUrl();
  const name = freshName();
  await withAdmin(serverUrl, async (admin) => {
    const template = await ensureTemplate(admin, serverUrl);
    await admin.query(`CREATE DATABASE ${quoted(name)} TEMPLATE ${quoted(template)}`);
  });
  return {
    url: atDatabase(serverUrl, name),
    drop: () => withAdmin(serverUrl, (admin) => drop(admin, name)),
  };
}
