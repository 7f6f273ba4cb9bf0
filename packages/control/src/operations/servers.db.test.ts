/** Several servers on one database: they share the work, keep the caps together, and take over from one that dies. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { type Database, openDatabase } from "@muster/db/client";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import type { Fleet } from "../fleet.ts";
import type { FakeAgent } from "../testing/fake-agent.ts";
import { ACTOR, createTestFleet, ended, eventually, spec, type TestFleet } from "../testing/test-fleet.ts";
import { JOB_CAPS } from "./job-caps.ts";

let control: TestFleet;
let nodeId: string;
let agent: FakeAgent;
let database: Database;
let child: ChildProcess | undefined;

const begin = async (options: { jobSlots?: number } = {}) => {
  control = await createTestFleet(options);
  ({ nodeId, agent } = await control.addNode("alpha"));
  database = openDatabase(control.url);
};
const end = async () => {
  child?.kill("SIGKILL");
  child = undefined;
  await database.close();
  await control.close();
};
beforeEach(() => begin());
afterEach(end);

const create = (fleet: Fleet, number: number, actor = ACTOR) =>
  fleet.vps.create({
    nodeId,
    spec: spec({ name: `web-${number}`, address: `10.83.0.${20 + number}` }),
    start: false,
    actor,
  });

/** A child process that has begun a create on an agent of its own, which never ends it; and a server beside it. */
async function doomedServer(): Promise<{ server: ChildProcess; jobId: string; vpsId: string }> {
  await control.fleet.close(); // of two, either could take the job
  const server = fork(new URL("../testing/doomed-server.ts", import.meta.url), [], {
    env: {
      ...process.env,
      DOOMED_DATABASE_URL: control.url,
      DOOMED_NODE_ID: nodeId,
      DOOMED_SERVER_ID: "doomed",
    },
    execArgv: [],
  });
  child = server;
  const [told] = await once(server, "message");
  await control.restart();
  return { server, ...z.object({ jobId: z.string(), vpsId: z.string() }).parse(told) };
}

async function rowsOf(jobId: string): Promise<unknown> {
  const job = { id: jobId };
  return await Promise.all([
    database.prisma.job.findUnique({ where: job }),
    database.prisma.jobStep.findMany({ where: { job }, orderBy: { index: "asc" } }),
    database.prisma.jobEvent.findMany({ where: { job }, orderBy: { id: "asc" } }),
  ]);
}

test("a bulk is shared, no job is done twice, and together they keep to the cap of the node", async () => {
  await end();
  await begin({ jobSlots: 2 }); // of four at once on the node, neither can have more than two
  const second = await control.join("second");
  const full = Promise.withResolvers<void>();
  let atOnce = 0;
  let most = 0;
  agent.before.set("createVps", async () => {
    atOnce += 1;
    most = Math.max(most, atOnce);
    await full.promise; // the first ones wait for each other
    await new Promise((resolve) => setTimeout(resolve, 20));
    atOnce -= 1;
  });
  const jobs = await Promise.all(
    Array.from({ length: 24 }, (_, number) => create(number % 2 === 0 ? control.fleet : second, number)),
  );
  await eventually(() => atOnce === JOB_CAPS["vps.create"]);
  full.resolve();
  for (const { jobId } of jobs) expect((await ended(control.fleet, jobId)).state).toBe("succeeded");
  const creates = agent.calls.filter((call) => call.startsWith("createVps"));
  expect(new Set(creates).size).toBe(24);
  expect(creates).toHaveLength(24);
  expect(most).toBe(JOB_CAPS["vps.create"]);
  const owners = await database.prisma.job.groupBy({ by: ["owner"], where: { kind: "vps.create" } });
  expect(owners).toHaveLength(2);
});

test("a bulk does not keep another person's job waiting: theirs is next, not last", async () => {
  const gates: (() => void)[] = [];
  agent.before.set("createVps", () => new Promise((resolve) => gates.push(resolve)));
  for (let number = 0; number < 12; number += 1) await create(control.fleet, number, "bulk@example.org");
  await eventually(() => agent.calls.length === JOB_CAPS["vps.create"]);
  const { vpsId } = await create(control.fleet, 50, "grace@example.org");
  gates[0]?.();
  await eventually(() => agent.calls.length === JOB_CAPS["vps.create"] + 1);
  expect(agent.calls.at(-1)).toBe(`createVps ${vpsId}`);
  agent.before.clear();
  for (const open of gates) open();
  await eventually(async () => (await control.fleet.jobs.list({ active: true, limit: 1 })).total === 0);
});

describe("a server is lost", () => {
  test("it is killed: another one has ended its job within 15 s", { timeout: 40_000 }, async () => {
    const { server, jobId, vpsId } = await doomedServer();
    server.kill("SIGKILL");
    const killedAt = performance.now();
    expect((await ended(control.fleet, jobId, 20_000)).state).toBe("succeeded");
    expect(performance.now() - killedAt).toBeLessThan(15_000);
    expect(agent.calls).toEqual([`createVps ${vpsId}`, `startVps ${vpsId}`]);
    expect((await control.fleet.vps.get(vpsId)).holdingJob).toBeNull();
  });

  test("it is paused and wakes up: its job is another's by then, and it writes nothing", {
    timeout: 40_000,
  }, async () => {
    const { server, jobId } = await doomedServer();
    server.kill("SIGSTOP");
    expect((await ended(control.fleet, jobId, 20_000)).state).toBe("succeeded");
    const before = await rowsOf(jobId);
    const { beatAt } = await database.prisma.server.findUniqueOrThrow({ where: { id: "doomed" } });
    server.kill("SIGCONT");
    server.send("go on");
    await eventually(async () => {
      const row = await database.prisma.server.findUniqueOrThrow({ where: { id: "doomed" } });
      return row.beatAt.getTime() > beatAt.getTime() + 4_000;
    });
    expect(await rowsOf(jobId)).toEqual(before);
  });

  test("it stops in order: another one goes on at once", async () => {
    const second = await control.join("second");
    const gate = Promise.withResolvers<void>();
    agent.before.set("createVps", () => gate.promise);
    const { jobId } = await create(second, 1);
    await eventually(() => agent.calls.length === 1);
    const owner = await database.prisma.job.findUniqueOrThrow({ where: { id: jobId }, select: { owner: true } });
    const { id } = await database.prisma.server.findFirstOrThrow({ where: { incarnation: owner.owner ?? "" } });
    agent.before.clear();
    await (id === "second" ? second : control.fleet).close();
    expect((await ended(id === "second" ? control.fleet : second, jobId, 4_000)).state).toBe("succeeded");
  });
});
