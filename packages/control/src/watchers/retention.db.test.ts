/** The history of a server that was started: what is old goes by itself, what is young stays. */
import { type Database, openDatabase } from "@muster/db/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { databaseAccess } from "../database-access.ts";
import { createJobStore, newJob } from "../jobs/store.ts";
import { createTestFleet, eventually, type TestFleet } from "../testing/test-fleet.ts";

const DAY_MS = 86_400_000;
const STEPS = [{ name: "stop", title: "Stop it", doneBefore: false, commits: false }];
const KEPT_DAYS = 30;
const TWO_YEARS = 730;

interface History {
  control: TestFleet;
  database: Database;
}
let told: History;
let untold: History;

const opened = (control: TestFleet): History => ({ control, database: openDatabase(control.url) });
beforeAll(async () => {
  told = opened(await createTestFleet({ keepJobDays: KEPT_DAYS }));
  untold = opened(await createTestFleet());
});
afterAll(async () => {
  for (const { control, database } of [told, untold]) {
    await database.close();
    await control.close();
  }
});

/** A job that ended that many days ago, with the event of its being written down then. */
async function past({ database }: History, id: string, days: number): Promise<void> {
  const at = new Date(Date.now() - days * DAY_MS);
  const about = { id, kind: "vps.stop", actor: "ada@example.org", vpsId: null, vpsName: "web-1", input: {} } as const;
  await createJobStore(databaseAccess(database)).add(
    newJob({ ...about, nodeId: "natlas00000", nodeName: "atlas" }, STEPS),
  );
  await database.prisma.job.update({ where: { id }, data: { state: "succeeded", createdAt: at, endedAt: at } });
  await database.prisma.jobEvent.updateMany({ where: { jobId: id }, data: { at } });
}

/** What is left of each kind, by job. */
async function left({ database: { prisma } }: History) {
  const all = { orderBy: { jobId: "asc" }, select: { jobId: true } } as const;
  const jobs = await prisma.job.findMany({ orderBy: { id: "asc" }, select: { id: true } });
  const [steps, events] = [await prisma.jobStep.findMany(all), await prisma.jobEvent.findMany(all)];
  const ids = (rows: readonly { jobId: string }[]) => rows.map(({ jobId }) => jobId);
  return { jobs: jobs.map(({ id }) => id), steps: ids(steps), events: ids(events) };
}

test.each([
  ["as long as the server was told", KEPT_DAYS, () => told],
  ["for two years where it was told nothing", TWO_YEARS, () => untold],
])("jobs are kept with their steps %s, and their events for a week", async (_, days, history) => {
  await past(history(), "jold0000001", days + 1);
  await past(history(), "jkept000001", days - 1);
  await past(history(), "jyoung00001", 6);
  await history().control.restart(); // a watcher's first round is at its server's start
  await eventually(async () => (await left(history())).jobs.length === 2);
  expect(await left(history())).toEqual({
    jobs: ["jkept000001", "jyoung00001"],
    steps: ["jkept000001", "jyoung00001"],
    events: ["jyoung00001"],
  });
});
