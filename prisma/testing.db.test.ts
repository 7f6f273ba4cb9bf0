import { Client } from "pg";
import { afterAll, describe, expect, test } from "vitest";
import { pendingMigrations } from "./migrate.ts";
import { createTestDatabase, hashOf, madeAtMs, type TestDatabase } from "./testing/database.ts";
import { testServerUrl } from "./testing/lease.ts";

const made: TestDatabase[] = [];
afterAll(async () => {
  for (const database of made) await database.drop();
});

async function create(): Promise<TestDatabase> {
  const database = await createTestDatabase();
  made.push(database);
  return database;
}

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

describe("a test database", () => {
  test("is migrated, and each caller has one of its own, even those who ask at once", async () => {
    const [one, other] = await Promise.all([create(), create()]);
    expect(one.url).not.toBe(other.url);
    expect(await pendingMigrations(one.url)).toEqual([]);
    await ask(one.url, "CREATE TABLE mine (id int)");
    await expect(ask(other.url, "SELECT * FROM mine")).rejects.toThrow(/does not exist/);
  });

  test("is gone after drop, also when somebody is still connected", async () => {
    const database = await create();
    const guest = new Client({ connectionString: database.url });
    guest.on("error", () => {}); // 57P01, as it should be
    await guest.connect();
    await database.drop();
    await expect(ask(database.url, "SELECT 1")).rejects.toThrow(/does not exist/);
    await guest.end();
  });

  test("that a killed run left more than an hour ago is swept; a young one is not", async () => {
    const server = await testServerUrl();
    const [old, young] = ["muster_test_1000000000000_deadbeef", `muster_test_${Date.now()}_deadbeef`];
    await ask(server, `CREATE DATABASE "${old}"`);
    await ask(server, `CREATE DATABASE "${young}"`);
    await create();
    const left = await ask(server, "SELECT datname FROM pg_database WHERE datname LIKE '%deadbeef'");
    await ask(server, `DROP DATABASE "${young}"`);
    expect(left).toEqual([{ datname: young }]);
  });
});

test("only our own names are ever swept", () => {
  expect(madeAtMs("muster_test_1700000000000_0a1b2c3d")).toBe(1_700_000_000_000);
  for (const name of ["postgres", "muster_test_", "muster_test_1_x", "muster_test_1_0a1b2c3d; --", "muster"]) {
    expect(madeAtMs(name)).toBeNull();
  }
});

test("the template's name follows from the migrations and their order", () => {
  const [one, other] = [
    { name: "1_a", checksum: "aa" },
    { name: "2_b", checksum: "bb" },
  ];
  expect(hashOf([one, other])).not.toBe(hashOf([one]));
  expect(hashOf([one, other])).not.toBe(hashOf([other, one]));
  expect(hashOf([one, other])).not.toBe(hashOf([one, { ...other, checksum: "cc" }]));
  expect(hashOf([one, other])).toMatch(/^[0-9a-f]{16}$/);
});
