/** Our own `migrate deploy` and the stock CLI of Prisma, on the same databases, through the stand-in for its engine. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deploy, pendingAfter, pendingMigrations } from "./migrate.ts";
import { knownMigrations } from "./migrations.ts";
import { createTestDatabase, type TestDatabase } from "./testing/database.ts";

const run = promisify(execFile);
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** The database beside the test's own, made by whoever migrates it. */
function beside(suffix: string): string {
  const url = new URL(database.url);
  url.pathname += suffix;
  return url.href;
}

async function dropBeside(suffix: string): Promise<void> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(
    `DROP DATABASE IF EXISTS ${pg.escapeIdentifier(new URL(beside(suffix)).pathname.slice(1))} WITH (FORCE)`,
  );
  await client.end();
}

async function prisma(url: string, ...args: string[]): Promise<string> {
  const env = {
    ...process.env,
    DATABASE_URL: url,
    PRISMA_SCHEMA_ENGINE_BINARY: here("engine/schema-engine.mjs"),
    CHECKPOINT_DISABLE: "1",
  };
  const { stdout } = await run(here("node_modules/.bin/prisma"), args, { cwd: here("."), env });
  return stdout;
}

describe("deploy", () => {
  test("creates the missing database, once, however many ask for it at once; then nothing is pending", async () => {
    try {
      const applied = await Promise.all(Array.from({ length: 4 }, () => deploy(beside("_new"))));
      expect(applied.map((one) => one.applied.length).toSorted()).toEqual([0, 0, 0, knownMigrations().length]);
      expect(await pendingMigrations(beside("_new"))).toEqual([]);
    } finally {
      await dropBeside("_new");
    }
  });

  test.each([
    ["half applied", { finished_at: null }, /half applied/],
    ["changed", { checksum: "0" }, /changed after it had been applied/],
    ["unknown", { migration_name: "29990101000000_later" }, /it is newer/],
  ])("refuses to build on a migration that is %s", (_, difference, message) => {
    const [first] = knownMigrations();
    const row = { migration_name: first?.name ?? "", checksum: first?.checksum ?? "", finished_at: new Date() };
    expect(() => pendingAfter([{ ...row, ...difference }])).toThrow(message);
  });
});

describe("the stock Prisma CLI over the stand-in for its engine", () => {
  test("agrees that the database is up to date and that the migrations make the schema", async () => {
    expect(await prisma(database.url, "migrate", "status")).toContain("Database schema is up to date!");
    const difference = ["migrate", "diff", "--from-migrations", "migrations", "--to-schema", "schema", "--exit-code"];
    expect(await prisma(database.url, ...difference)).toContain("No difference detected.");
  });

  test("finds a column that is in the database and not in the schema", async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query("ALTER TABLE node ADD COLUMN strange TEXT");
    await client.end();
    const difference = ["migrate", "diff", "--from-config-datasource", "--to-schema", "schema", "--exit-code"];
    await expect(prisma(database.url, ...difference)).rejects.toMatchObject({
      code: 2,
      stdout: expect.stringContaining("strange"),
    });
  });

  test("deploys into a database that it has to make", async () => {
    try {
      expect(await prisma(beside("_cli"), "migrate", "deploy")).toContain(
        "All migrations have been successfully applied.",
      );
      expect(await pendingMigrations(beside("_cli"))).toEqual([]);
    } finally {
      await dropBeside("_cli");
    }
  });
});
