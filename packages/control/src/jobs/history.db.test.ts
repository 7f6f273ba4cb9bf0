/** The history of jobs: what of it is asked for, what of it is kept, and what is mended in it. */
import { type Database, openDatabase } from "@muster/db/client";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { databaseAccess } from "../database-access.ts";
import type { JobFilter } from "../fleet.ts";
import { type TestDatabase, testDatabase } from "../testing/database-access.ts";
import { createJobStore, type JobStore, newJob } from "./store.ts";
import { createJobUpkeep, type JobUpkeep } from "./upkeep.ts";

let place: TestDatabase;
let database: Database;
let jobs: JobStore;
let upkeep: JobUpkeep;

beforeAll(async () => {
  place = await testDatabase();
  database = openDatabase(place.url);
  const access = databaseAccess(database);
  jobs = createJobStore(access);
  upkeep = createJobUpkeep(access);
});
afterAll(async () => {
  await database.close();
  await place.drop();
});
beforeEach(async () => {
  await database.prisma.job.deleteMany();
});

const STEPS = [{ name: "stop", title: "Stop it", doneBefore: false, commits: false }];

interface Past {
  id: string;
  kind?: "vps.stop" | "template.import";
  state?: string;
  actor?: string;
  nodeName?: string;
  vpsName?: string;
  createdAt?: string;
  endedAt?: string | null;
  retryOf?: string;
}

/** Writes a job down and makes it one of the past. */
async function past(job: Past): Promise<void> {
  const { id, retryOf, kind = "vps.stop", actor = "ada@example.org", nodeName = "atlas", vpsName = "web-1" } = job;
  const { state = "succeeded", createdAt = "2026-11-01T12:00:00Z", endedAt = createdAt } = job;
  const about = { id, kind, actor, retryOf, vpsId: null, vpsName, input: {} };
  await jobs.add(newJob({ ...about, nodeId: `n-${nodeName}`, nodeName }, STEPS));
  await database.prisma.job.update({
    where: { id },
    data: { state, createdAt: new Date(createdAt), endedAt: endedAt === null ? null : new Date(endedAt) },
  });
}

const J = (number: number) => `j000000000${number}`;
const found = async (filter: JobFilter) =>
  (await jobs.list({ ...filter, limit: 10 })).items.map(({ id }) => Number(id.at(-1)));

test("a job that tries another again says so from the moment it is written down", async () => {
  await past({ id: J(2), retryOf: J(1) });
  const row = await database.prisma.job.findUniqueOrThrow({ where: { id: J(2) }, select: { retryOf: true } });
  expect(row.retryOf).toBe(J(1));
});

test.each([
  ["is being taken back", { state: "undoing", committed: false }, true],
  ["was taken back", { state: "cancelled", committed: false }, true],
  ["is stuck on the way back", { state: "stuck", committed: false }, true],
  ["was taken back after its last step had failed", { state: "cancelled", committed: true }, true],
  ["goes on, since half of it cannot be taken back", { state: "running", committed: true }, false],
  ["succeeded all the same", { state: "succeeded", committed: false }, false],
])("of a cancel that was asked for, a job that %s tells truly whether it counted", async (_, job, counted) => {
  await past({ id: J(1), state: job.state });
  const asked = { cancelRequestedAt: new Date(), cancelRequestedBy: "grace@example.org" };
  await database.prisma.job.update({ where: { id: J(1) }, data: { ...job, ...asked, nodeId: "natlas00000" } });
  expect((await jobs.get(J(1))).cancelledBy).toBe(counted ? "grace@example.org" : null);
});

describe("the history is asked for", () => {
  beforeEach(async () => {
    // Ids of nodes and VPSs are checked on the way out; the history here is of one node.
    await past({ id: J(1), createdAt: "2026-11-01T00:00:00Z" });
    await past({ id: J(2), createdAt: "2026-11-02T00:00:00Z", actor: "grace@example.org", state: "failed" });
    await past({ id: J(3), createdAt: "2026-11-03T00:00:00Z", kind: "template.import", state: "stuck" });
    await past({ id: J(4), createdAt: "2026-11-04T00:00:00Z", vpsName: "data_base", state: "queued", endedAt: null });
    await past({ id: J(5), createdAt: "2026-11-05T00:00:00Z", vpsName: "database", nodeName: "gaia" });
    await database.prisma.job.updateMany({ where: { nodeName: "atlas" }, data: { nodeId: "natlas00000" } });
    await database.prisma.job.updateMany({ where: { nodeName: "gaia" }, data: { nodeId: "ngaia000000" } });
  });

  test.each<[string, JobFilter, number[]]>([
    ["all of it, newest first", {}, [5, 4, 3, 2, 1]],
    ["by kind", { kinds: ["template.import"] }, [3]],
    ["by outcome", { states: ["failed", "stuck"] }, [3, 2]],
    ["by actor", { actor: "grace@example.org" }, [2]],
    ["by node", { nodeId: "ngaia000000" }, [5]],
    ["by a part of a VPS's name, in any case", { search: "BASE" }, [5, 4]],
    ["by a name with an underscore, as it is written", { search: "a_b" }, [4]],
    ["by a part of a node's name", { search: "gai" }, [5]],
    ["from a time on, and up to another", { from: "2026-11-02T00:00:00Z", to: "2026-11-04T00:00:00Z" }, [3, 2]],
    ["that has not ended", { active: true }, [4]],
    ["by several of these", { states: ["succeeded"], search: "web" }, [1]],
  ])("%s", async (_, filter, expected) => {
    expect(await found(filter)).toEqual(expected);
  });

  test("page by page, each job once, with the number of all that were meant", async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await jobs.list({ states: ["succeeded", "failed", "stuck"], limit: 2, cursor });
      expect(page.total).toBe(4);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual([J(5), J(3), J(2), J(1)]);
  });

  test("and who has asked for jobs, each once", async () => {
    expect(await jobs.actors()).toEqual(["ada@example.org", "grace@example.org"]);
  });
});

describe("it is kept up", () => {
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();

  test("events of jobs that are long over go, the jobs stay; those of others stay too", async () => {
    await past({ id: J(1), createdAt: daysAgo(8) });
    await past({ id: J(2), createdAt: daysAgo(8), endedAt: null, state: "running" });
    await past({ id: J(3), createdAt: daysAgo(1) });
    await database.prisma.jobEvent.updateMany({ where: { jobId: { in: [J(1), J(2)] } }, data: { at: daysAgo(8) } });
    expect(await upkeep.dropEvents(7, 100)).toBe(1);
    const left = await database.prisma.jobEvent.findMany({ orderBy: { jobId: "asc" } });
    expect(left.map(({ jobId }) => jobId)).toEqual([J(2), J(3)]);
    expect(await database.prisma.job.count()).toBe(3);
  });

  test("jobs go with their steps when they are older than is kept, a batch at a time", async () => {
    for (const number of [1, 2, 3]) await past({ id: J(number), createdAt: daysAgo(800) });
    await past({ id: J(4), createdAt: daysAgo(700) });
    expect(await upkeep.dropJobs(730, 2)).toBe(2);
    expect(await upkeep.dropJobs(730, 2)).toBe(1);
    expect((await database.prisma.jobStep.findMany()).map(({ jobId }) => jobId)).toEqual([J(4)]);
  });

  test.each(["-8640000000000000_x", "8640000000000001_x", "1_", "x_1"])(
    "the cursor %s is refused, and is no failure of ours",
    async (cursor) => {
      await expect(jobs.list({ cursor, limit: 1 })).rejects.toMatchObject({ code: "invalid_input", field: "cursor" });
    },
  );

  test("a step that has run for more than twice its deadline is told of, once", async () => {
    await past({ id: J(1), createdAt: daysAgo(1), endedAt: null, state: "running" });
    await past({ id: J(2), createdAt: daysAgo(1), endedAt: null, state: "running" });
    const running = (jobId: string, ageMs: number) =>
      database.prisma.jobStep.updateMany({
        where: { jobId },
        data: { state: "running", startedAt: new Date(Date.now() - ageMs) },
      });
    await running(J(1), 121_000);
    await running(J(2), 90_000);
    const deadlines = { "vps.stop": { stop: 60_000 } };
    const advice = { cancel: "Cancel it.", wait: "Wait." };
    expect(await upkeep.adviseLate(deadlines, advice)).toEqual([{ jobId: J(1), step: "stop" }]);
    expect(await upkeep.adviseLate(deadlines, advice)).toEqual([]);
    const row = await database.prisma.job.findUniqueOrThrow({ where: { id: J(1) }, select: { advice: true } });
    expect(row.advice).toBe("Cancel it.");
  });
});
