/** A database of its own for a test, and the connections to it. */
import { type Database, openDatabase } from "@muster/db/client";
import { createTestDatabase } from "@muster/db/testing/database";

export interface TestDatabase {
  url: string;
  open(): Database;
  drop(): Promise<void>;
}

export async function testDatabase(): Promise<TestDatabase> {
  const { url, drop } = await createTestDatabase();
  return { url, drop, open: () => openDatabase(url) };
}
