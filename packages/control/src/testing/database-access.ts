/** A database of its own for a test, and the connections to it. */
import { type Database, openDatabase } from "@muster/db/client";
import { createTestDatabase } from "@muster/db/testing/database";
import { databaseAccess } from "../database-access.ts";
import { createJobStore, newJob } from "../jobs/store.ts";
import { OPERATIONS } from "../operations/registry.ts";

export interface TestDatabase {
  url: string;
  /** @param url the same database another way, through a proxy for one. */
  open(url?: string): Database;
  drop(): Promise<void>;
}

export async function testDatabase(): Promise<TestDatabase> {
  const { url, drop } = await createTestDatabase();
  return { url, drop, open: (other = url) => openDatabase(other) };
}

export function testDatabaseAt(url: string): Database {
  return openDatabase(url);
}

/** A job as a server leaves it that dies between writing it down and beginning it. */
export async function writeDownTemplateImport(url: string, nodeId: string): Promise<{ jobId: string }> {
  const database = openDatabase(url);
  const jobs = createJobStore(databaseAccess(database));
  const kind = "template.import";
  const input = {
    nodeId,
    name: "debian",
    description: "",
    init: "systemd",
    fileName: "debian.tar",
    sha256: "1".repeat(64),
  };
  const job = {
    id: "jneverbegun",
    kind,
    actor: "ada",
    nodeId,
    nodeName: "alpha",
    vpsId: null,
    vpsName: null,
    input,
  } as const;
  await jobs.add(newJob(job, OPERATIONS[kind].steps));
  await database.close();
  return { jobId: job.id };
}
