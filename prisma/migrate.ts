/**
 * Applies the migrations over plain pg: what `prisma migrate deploy` does, in 50 ms instead of 3 s and without
 * Prisma's native engine. The table `_prisma_migrations` is kept exactly as Prisma keeps it, so its CLI can be
 * used on the same database (`prisma migrate status` agrees; migrate.db.test.ts). One thing is stricter than
 * Prisma's: a script and its record are one transaction, so a failed migration leaves nothing behind.
 *
 * As a program: `node prisma/migrate.ts`, with DATABASE_URL.
 */
import { randomUUID } from "node:crypto";
import { pathToFileURL } from "node:url";
import pg from "pg";
import { knownMigrations, type Migration } from "./migrations.ts";

/** The key under which Prisma's own engine locks; whoever migrates, one at a time. */
const ADVISORY_LOCK = 72_707_369;

const CREATE_TABLE = `
  CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,
    migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`;

const INVALID_CATALOG_NAME = "3D000";
/** duplicate_database, and what two CREATE DATABASE at once run into: unique_violation in the catalogue. */
const MADE_BY_ANOTHER: ReadonlySet<string | undefined> = new Set(["42P04", "23505"]);
const UNDEFINED_TABLE = "42P01";

interface AppliedRow {
  migration_name: string;
  checksum: string;
  finished_at: Date | null;
}

/** Creates the database when it is missing and applies what is pending. Several callers at once take turns. */
export async function deploy(url: string): Promise<{ applied: string[] }> {
  const client = await connectOrCreate(url);
  try {
    await client.query("SELECT pg_advisory_lock($1)", [ADVISORY_LOCK]);
    await client.query(CREATE_TABLE);
    const pending = pendingAfter(await appliedRows(client));
    for (const migration of pending) await apply(client, migration);
    return { applied: pending.map((migration) => migration.name) };
  } finally {
    await client.end();
  }
}

/** Names of the migrations that the database lacks. Throws where it cannot be reached, or knows more than this code. */
export async function pendingMigrations(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return pendingAfter(await appliedRows(client)).map((migration) => migration.name);
  } finally {
    await client.end();
  }
}

async function appliedRows(client: pg.Client): Promise<AppliedRow[]> {
  try {
    const { rows } = await client.query<AppliedRow>(
      "SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL",
    );
    return rows;
  } catch (error) {
    if (sqlState(error) === UNDEFINED_TABLE) return [];
    throw error;
  }
}

/** Refuses what nobody should build on: a half-applied, a changed or an unknown migration. */
export function pendingAfter(applied: readonly AppliedRow[], known: readonly Migration[] = knownMigrations()) {
  const byName = new Map(known.map((migration) => [migration.name, migration]));
  for (const row of applied) {
    const migration = byName.get(row.migration_name);
    if (row.finished_at === null) {
      throw new Error(`Migration ${row.migration_name} was left half applied; see \`prisma migrate resolve\`.`);
    }
    if (migration === undefined) {
      throw new Error(
        `The database has migration ${row.migration_name}, which this version does not know: it is newer.`,
      );
    }
    if (migration.checksum !== row.checksum) {
      throw new Error(
        `Migration ${row.migration_name} was changed after it had been applied; migrations are append-only.`,
      );
    }
  }
  const done = new Set(applied.map((row) => row.migration_name));
  return known.filter((migration) => !done.has(migration.name));
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  await client.query("BEGIN");
  try {
    await client.query(migration.sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, clock_timestamp(), 1)`,
      [randomUUID(), migration.checksum, migration.name],
    );
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK");
    throw new Error(`Migration ${migration.name} failed and was rolled back.`, { cause: error });
  }
}

async function connectOrCreate(url: string): Promise<pg.Client> {
  try {
    return await connected(url);
  } catch (error) {
    if (sqlState(error) !== INVALID_CATALOG_NAME) throw error;
    await createDatabase(url);
    return await connected(url);
  }
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

async function createDatabase(url: string): Promise<void> {
  const maintenance = new URL(url);
  const name = decodeURIComponent(maintenance.pathname.slice(1));
  maintenance.pathname = "/postgres";
  const client = await connected(maintenance.href);
  try {
    await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
  } catch (error) {
    if (!MADE_BY_ANOTHER.has(sqlState(error))) throw error;
  } finally {
    await client.end();
  }
}

function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const url = process.env["DATABASE_URL"];
  if (url === undefined || url === "") {
    process.stderr.write("DATABASE_URL is not set: give the database to migrate.\n");
    process.exit(2);
  }
  const { applied } = await deploy(url);
  process.stderr.write(applied.length === 0 ? "No migration is pending.\n" : `Applied ${applied.join(", ")}.\n`);
}
