/** A step that is long past its time, in a server that runs: its job says what can be done, and the operator's log too. */
import { type Database, openDatabase } from "@muster/db/client";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { silentLog } from "../log.ts";
import type { FakeAgent } from "../testing/fake-agent.ts";
import { ACTOR, createTestFleet, ended, eventually, spec, type TestFleet } from "../testing/test-fleet.ts";

const warnings: object[] = [];
let control: TestFleet;
let database: Database;
let nodeId: string;
let agent: FakeAgent;
let gate = Promise.withResolvers<void>();
let number = 0;

beforeAll(async () => {
  control = await createTestFleet({ log: { ...silentLog, warn: (fields) => void warnings.push(fields) } });
  ({ nodeId, agent } = await control.addNode("alpha"));
  database = openDatabase(control.url);
  agent.before.set("stopVps", () => gate.promise);
  agent.before.set("deleteVps", () => gate.promise);
});
afterAll(async () => {
  await database.close();
  await control.close();
});
afterEach(() => {
  gate = Promise.withResolvers();
});

async function running(): Promise<string> {
  number += 1;
  const wanted = spec({ name: `web-${number}`, address: `10.83.0.${10 + number}` });
  const { jobId, vpsId } = await control.fleet.vps.create({ nodeId, spec: wanted, start: true, actor: ACTOR });
  expect((await ended(control.fleet, jobId)).state).toBe("succeeded");
  return vpsId;
}

async function atWork(ask: "stop" | "delete"): Promise<string> {
  const { jobId } = await control.fleet.vps[ask]({ vpsId: await running(), actor: ACTOR });
  await eventually(async () => (await control.fleet.jobs.get(jobId)).steps[0]?.state === "running");
  return jobId;
}

/** As if the step that runs had begun that long ago. */
const begun = (jobId: string, agoMs: number) =>
  database.prisma.jobStep.updateMany({
    where: { jobId, state: "running" },
    data: { startedAt: new Date(Date.now() - agoMs) },
  });
const adviceOf = async (jobId: string) => (await control.fleet.jobs.get(jobId)).advice;

test("a step past twice its time says what can be done: cancel it before the point of no return, wait after it", async () => {
  const [stopping, deleting, inTime] = [await atWork("stop"), await atWork("delete"), await atWork("stop")];
  await begun(inTime, 130_000); // longer than the 80 s that a stop may take, and not twice as long
  await begun(deleting, 121_000); // of a delete's 60 s
  await begun(stopping, 161_000);
  await eventually(async () => (await adviceOf(stopping)) !== null && (await adviceOf(deleting)) !== null);
  expect(await adviceOf(stopping)).toMatch(/more than twice its time: look at the node, or cancel the job\.$/);
  expect(await adviceOf(deleting)).toMatch(/look at the node; the job goes on by itself when it answers\.$/);
  expect(warnings).toContainEqual({ jobId: stopping, step: "stop" });
  expect(warnings).toContainEqual({ jobId: deleting, step: "remove" });
  expect(warnings).not.toContainEqual(expect.objectContaining({ jobId: inTime }));
  gate.resolve();
  for (const jobId of [stopping, deleting, inTime])
    expect(await ended(control.fleet, jobId)).toMatchObject({ state: "succeeded", advice: null });
});
