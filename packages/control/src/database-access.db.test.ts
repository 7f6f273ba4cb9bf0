import { setTimeout as delay } from "node:timers/promises";
import { openDatabase } from "@muster/db/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { databaseAccess } from "./database-access.ts";
import { cuttableProxy } from "./testing/cuttable-proxy.ts";
import { type TestDatabase, testDatabase } from "./testing/database-access.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

test("of two that wait for each other's rows none fails: what PostgreSQL took back is done again", async () => {
  const opened = database.open();
  const access = databaseAccess(opened);
  await access.read((db) => db.$executeRaw`INSERT INTO server (id, incarnation) VALUES ('one', '1'), ('two', '1b')`);
  const bothHold = Promise.withResolvers<void>();
  let holding = 0;
  const lockBoth = (first: string, second: string) =>
    access.transaction(async (transaction) => {
      await transaction.$queryRaw`SELECT id FROM server WHERE id = ${first} FOR UPDATE`;
      holding += 1;
      if (holding === 2) bothHold.resolve();
      await bothHold.promise;
      await transaction.$queryRaw`SELECT id FROM server WHERE id = ${second} FOR UPDATE`;
      return first;
    });
  expect(await Promise.all([lockBoth("one", "two"), lockBoth("two", "one")])).toEqual(["one", "two"]);
  expect(holding).toBe(3);
  await opened.close();
});

test("a connection that breaks between two statements of a transaction is the database's silence, not a riddle", async () => {
  const proxy = await cuttableProxy(database.url);
  const broken = Promise.withResolvers<void>();
  const opened = openDatabase(proxy.url);
  const told = databaseAccess(opened).transaction(async (transaction) => {
    await transaction.$queryRaw`SELECT 1`;
    await proxy.cut();
    await broken.promise;
    return await transaction.$queryRaw`SELECT 2`;
  });
  await delay(500); // the client hears of it by itself
  broken.resolve();
  await expect(told).rejects.toMatchObject({ code: "database_unavailable", cause: { message: /not queryable/ } });
  await opened.close();
  await proxy.close();
});
