/** Ends of changes: each fires once, as a job of its own, whatever happens to the servers meanwhile. */
import { MusterError } from "@muster/model/errors";
import { GIB } from "@muster/model/units";
import type { TimedChange } from "@muster/model/vps";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { silentLog } from "../log.ts";
import type { FakeAgent } from "../testing/fake-agent.ts";
import { ACTOR, createTestFleet, ended, eventually, spec, type TestFleet } from "../testing/test-fleet.ts";

const HOUR_MS = 3_600_000;
/** An end is met by turning the clock of all servers on, not by waiting. */
let turnedMs = 0;
const clock = { nowMs: () => Date.now() + turnedMs };

let control: TestFleet;
let nodeId: string;
let agent: FakeAgent;
let number = 0;

/** What the servers warned of. */
const warned: { fields: object; message: string }[] = [];
const log = { ...silentLog, warn: (fields: object, message: string) => void warned.push({ fields, message }) };

beforeAll(async () => {
  control = await createTestFleet({ clock, log });
  ({ nodeId, agent } = await control.addNode("alpha"));
});
afterAll(() => control.close());
beforeEach(() => agent.before.clear());

async function created(memoryBytes = GIB / 4): Promise<string> {
  number += 1;
  const wanted = spec({
    name: `vps-${number}`,
    address: `10.83.0.${10 + number}`,
    limits: { "memory.max": memoryBytes },
  });
  const { jobId, vpsId } = await control.fleet.vps.create({ nodeId, spec: wanted, start: true, actor: ACTOR });
  expect((await ended(control.fleet, jobId)).state).toBe("succeeded");
  return vpsId;
}

async function change(vpsId: string, limits: object, hours?: number): Promise<string> {
  const until = hours === undefined ? undefined : new Date(clock.nowMs() + hours * HOUR_MS).toISOString();
  const { jobId } = await control.fleet.vps.setLimits({ vpsId, limits, until, actor: ACTOR });
  expect((await ended(control.fleet, jobId)).state).toBe("succeeded");
  return jobId;
}

/** Two hours on, until the node has been heard again by that clock. */
async function turnOn(): Promise<void> {
  turnedMs += 2 * HOUR_MS;
  await eventually(async () => (await control.fleet.nodes.get(nodeId)).health === "healthy");
}

const timed = (vpsId: string) => control.fleet.vps.timedChanges(vpsId);
async function becomes(vpsId: string, state: TimedChange["state"]): Promise<TimedChange> {
  await eventually(async () => (await timed(vpsId))[0]?.state === state);
  const [first] = await timed(vpsId);
  if (first === undefined) throw new Error("there is no timed change");
  return first;
}
const notSetBack = (vpsId?: string) => control.fleet.vps.notSetBack({ vpsId });
const limitsOf = async (vpsId: string) => (await control.fleet.vps.get(vpsId)).spec.limits;
const kindsOf = async (vpsId: string) =>
  (await control.fleet.jobs.list({ vpsId, limit: 50 })).items.map((job) => job.kind);

test("what was changed until a certain time is set back once, with an entry of its own", async () => {
  const vpsId = await created();
  const jobId = await change(vpsId, { "cpu.cores": 2, "pids.max": 99 }, 1);
  const [pending] = await timed(vpsId);
  expect(pending).toMatchObject({ state: "pending", back: { "cpu.cores": 0.5, "pids.max": 256 }, actor: ACTOR });
  const changes = await control.fleet.vps.allocations(vpsId);
  expect(changes.filter((one) => one.jobId === jobId).map((one) => one.until)).toEqual([
    pending?.dueAt,
    pending?.dueAt,
  ]);
  await turnOn();
  const fired = await becomes(vpsId, "fired");
  expect(await ended(control.fleet, fired.jobId ?? "")).toMatchObject({ state: "succeeded", actor: ACTOR });
  expect(await limitsOf(vpsId)).toMatchObject({ "cpu.cores": 0.5, "pids.max": 256 });
  const [newest] = await control.fleet.vps.allocations(vpsId);
  expect(newest).toMatchObject({ jobId: fired.jobId, until: null, from: 99, to: 256 });
  await expect(control.fleet.vps.cancelTimedChange({ id: fired.id, actor: ACTOR })).rejects.toMatchObject({
    code: "state_conflict",
  });
});

test("of two servers one fires it, and a time that passed while there was none is met late", async () => {
  const vpsIds = await Promise.all(Array.from({ length: 8 }, () => created(GIB / 16)));
  await Promise.all(vpsIds.map((vpsId) => change(vpsId, { "cpu.cores": 1 }, 1)));
  turnedMs += 2 * HOUR_MS;
  await Promise.all([control.restart(), control.join("second")]);
  for (const vpsId of vpsIds) {
    const { jobId } = await becomes(vpsId, "fired");
    expect((await ended(control.fleet, jobId ?? "")).state).toBe("succeeded");
    expect(await kindsOf(vpsId)).toEqual(["vps.setLimits", "vps.setLimits", "vps.create"]);
    expect((await limitsOf(vpsId))["cpu.cores"]).toBe(0.5);
  }
});

test("it waits for the job that holds its VPS", async () => {
  const vpsId = await created(GIB / 16);
  await change(vpsId, { "cpu.cores": 2 }, 1);
  const gate = Promise.withResolvers<void>();
  agent.before.set("stopVps", () => gate.promise);
  const { jobId } = await control.fleet.vps.stop({ vpsId, actor: ACTOR });
  const other = await created(GIB / 16);
  await change(other, { "cpu.cores": 2 }, 1);
  await turnOn();
  await becomes(other, "fired"); // a round has come by
  expect((await timed(vpsId))[0]?.state).toBe("pending");
  gate.resolve();
  await ended(control.fleet, jobId);
  await becomes(vpsId, "fired");
});

test("what was lent until a certain time and is lent until a later one goes back to what it was before both", async () => {
  const vpsId = await created(GIB / 32);
  await change(vpsId, { "cpu.cores": 1, "pids.max": 99 }, 1);
  await change(vpsId, { "cpu.cores": 0.75 }, 3);
  const pending = (await timed(vpsId)).filter(({ state }) => state === "pending");
  expect(pending.map(({ back }) => back)).toEqual([{ "pids.max": 256 }, { "cpu.cores": 0.5 }]);
  await turnOn();
  await eventually(async () => (await limitsOf(vpsId))["pids.max"] === 256);
  expect((await limitsOf(vpsId))["cpu.cores"]).toBe(0.75);
  await turnOn();
  await eventually(async () => (await limitsOf(vpsId))["cpu.cores"] === 0.5);
});

test("what is lent for a while out of what was lent for longer goes back in two steps", async () => {
  const vpsId = await created(GIB / 32);
  await change(vpsId, { "cpu.cores": 0.75 }, 3);
  await change(vpsId, { "cpu.cores": 1 }, 1);
  await turnOn();
  await eventually(async () => (await limitsOf(vpsId))["cpu.cores"] === 0.75);
  expect((await timed(vpsId)).map(({ state }) => state)).toEqual(["pending", "fired"]);
  await turnOn();
  await eventually(async () => (await limitsOf(vpsId))["cpu.cores"] === 0.5);
  await eventually(async () => (await timed(vpsId)).every(({ state }) => state === "fired"));
});

test("what was asked for last holds: the end of an earlier change of the same limit falls away", async () => {
  const vpsId = await created(GIB / 16);
  await change(vpsId, { "cpu.cores": 2, "pids.max": 99 }, 1);
  const later = await change(vpsId, { "cpu.cores": 3 });
  expect((await timed(vpsId))[0]).toMatchObject({ state: "pending", back: { "pids.max": 256 } });
  const last = await change(vpsId, { "pids.max": 100 });
  expect((await timed(vpsId))[0]).toMatchObject({ state: "superseded", reason: expect.stringContaining(last) });
  expect(later).not.toBe(last);
  await turnOn();
  expect(await limitsOf(vpsId)).toMatchObject({ "cpu.cores": 3, "pids.max": 100 });
});

test("it is refused with the policy's figures, and not tried again; the log and the fleet say so until it is changed again", async () => {
  const vpsId = await created(2 * GIB);
  await change(vpsId, { "memory.max": GIB / 16 }, 1);
  const taker = await created(1.5 * GIB);
  await turnOn();
  const refused = await becomes(vpsId, "refused");
  expect(refused).toMatchObject({ jobId: null, reason: expect.stringContaining("of memory left of 3.8 GiB") });
  expect((await limitsOf(vpsId))["memory.max"]).toBe(GIB / 16);
  const { id, vpsName, dueAt, reason } = refused;
  const still = { id, vpsId, vpsName, dueAt, reason, back: { "memory.max": 2 * GIB } };
  await eventually(() => warned.some(({ fields }) => "id" in fields && fields.id === id));
  expect(warned).toContainEqual({ fields: still, message: "a change was not set back at its time" });
  expect(await notSetBack()).toEqual([still]);
  expect(await notSetBack(taker)).toEqual([]);
  await change(vpsId, { "pids.max": 300 }); // another limit
  expect(await notSetBack(vpsId)).toEqual([still]);
  await change(vpsId, { "memory.max": GIB / 8 }, 1);
  expect(await notSetBack()).toEqual([]);
  await ended(control.fleet, (await control.fleet.vps.delete({ vpsId: taker, actor: ACTOR })).jobId);
});

/** The next change of it fails on its node; taking that one back is let through. */
function failOnce(vpsId: string): void {
  agent.before.set("configureVps", (of) => {
    if (of !== vpsId) return;
    agent.before.clear();
    throw new MusterError("engine_failed", "tc: no such device");
  });
}

async function failsToGoBack(vpsId: string): Promise<TimedChange> {
  failOnce(vpsId);
  await turnOn();
  const refused = async () => (await timed(vpsId)).find(({ state }) => state === "refused");
  await eventually(async () => (await refused()) !== undefined);
  const change = await refused();
  if (change === undefined) throw new Error("it was refused, and is not");
  return change;
}

test("one that fails on its node says why, and what was lent stays lent", async () => {
  const vpsId = await created(GIB / 32);
  await change(vpsId, { "cpu.cores": 1 }, 1);
  const { reason, jobId } = await failsToGoBack(vpsId);
  expect(reason).toBe("tc: no such device");
  expect(await notSetBack(vpsId)).toMatchObject([{ back: { "cpu.cores": 0.5 }, reason }]);
  expect((await ended(control.fleet, jobId ?? "")).state).toBe("failed");
  expect((await limitsOf(vpsId))["cpu.cores"]).toBe(1);
  expect(await kindsOf(vpsId)).toEqual(["vps.setLimits", "vps.setLimits", "vps.create"]);
  await change(vpsId, { "cpu.cores": 0.5 }); // by hand
  expect(await notSetBack(vpsId)).toEqual([]);
});

/** Neither it nor its taking back can be done on its node, until `agent.before` is cleared. */
async function isStuckAtItsEnd(vpsId: string): Promise<TimedChange> {
  agent.before.set("configureVps", (of) => {
    if (of === vpsId) throw new MusterError("engine_failed", "the cgroup is gone");
  });
  await turnOn();
  const change = await becomes(vpsId, "refused");
  expect((await control.fleet.jobs.get(change.jobId ?? "")).state).toBe("stuck");
  expect(change.reason).toMatch(/^Taking it back failed: the cgroup is gone Retry once its node answers/);
  expect(await notSetBack(vpsId)).toMatchObject([{ back: { "cpu.cores": 0.5 }, reason: change.reason }]);
  agent.before.clear();
  return change;
}

test("one whose job is stuck is not taken for set back; taken back, it is still lent, and asked for anew it is not", async () => {
  const vpsId = await created(GIB / 32);
  await change(vpsId, { "cpu.cores": 1 }, 1);
  const { jobId } = await isStuckAtItsEnd(vpsId);
  const retry = async (of: string) => (await control.fleet.jobs.retry({ jobId: of, actor: ACTOR })).jobId;
  expect((await ended(control.fleet, await retry(jobId ?? ""))).state).toBe("failed");
  expect((await limitsOf(vpsId))["cpu.cores"]).toBe(1);
  expect(await notSetBack(vpsId)).toMatchObject([{ back: { "cpu.cores": 0.5 }, reason: "the cgroup is gone" }]);
  expect((await ended(control.fleet, await retry(jobId ?? ""))).state).toBe("succeeded");
  expect((await limitsOf(vpsId))["cpu.cores"]).toBe(0.5);
  expect(await notSetBack(vpsId)).toEqual([]);
});

test("one whose job is stuck has come to be with a later change, which brings all of the spec", async () => {
  const vpsId = await created(GIB / 32);
  await change(vpsId, { "cpu.cores": 1 }, 1);
  await isStuckAtItsEnd(vpsId);
  await change(vpsId, { "pids.max": 300 });
  expect(agent.specs.get(vpsId)?.spec.limits["cpu.cores"]).toBe(0.5);
  expect(await notSetBack(vpsId)).toEqual([]);
});

test("one whose job is stuck is still not set back when an earlier stuck change is taken back", async () => {
  const vpsId = await created(GIB / 32);
  await change(vpsId, { "cpu.cores": 1 }, 1);
  agent.before.set("configureVps", (of) => {
    if (of === vpsId) throw new MusterError("engine_failed", "the cgroup is gone");
  });
  const { jobId } = await control.fleet.vps.setLimits({ vpsId, limits: { "pids.max": 99 }, actor: ACTOR });
  expect((await ended(control.fleet, jobId)).state).toBe("stuck");
  await isStuckAtItsEnd(vpsId);
  await control.fleet.jobs.retry({ jobId, actor: ACTOR });
  expect((await ended(control.fleet, jobId)).state).toBe("failed");
  expect((await limitsOf(vpsId))["cpu.cores"]).toBe(1);
  expect((await notSetBack(vpsId)).map(({ back }) => back)).toEqual([{ "cpu.cores": 0.5 }]);
});

test("of several limits those that were changed again are left out, and all with the VPS", async () => {
  const vpsId = await created(GIB / 32);
  await change(vpsId, { "cpu.cores": 1, "pids.max": 512 }, 1);
  await failsToGoBack(vpsId);
  await change(vpsId, { "pids.max": 400 });
  expect((await notSetBack(vpsId)).map(({ back }) => back)).toEqual([{ "cpu.cores": 0.5 }]);
  await ended(control.fleet, (await control.fleet.vps.delete({ vpsId, actor: ACTOR })).jobId);
  expect(await notSetBack(vpsId)).toEqual([]);
});

test("what was lent for a while within it does not hide that it was not set back", async () => {
  const vpsId = await created(GIB / 32);
  await change(vpsId, { "pids.max": 512 }, 3); // from 256
  await change(vpsId, { "pids.max": 1024 }, 1);
  await turnOn();
  await eventually(async () => (await limitsOf(vpsId))["pids.max"] === 512);
  await eventually(async () => (await control.fleet.vps.get(vpsId)).holdingJob === null);
  await failsToGoBack(vpsId);
  expect((await notSetBack(vpsId)).map(({ back }) => back)).toEqual([{ "pids.max": 256 }]);
});

test("a later end that sets the limit back makes up for an earlier one that failed", async () => {
  const vpsId = await created(GIB / 32);
  await change(vpsId, { "pids.max": 512 }, 3);
  await change(vpsId, { "pids.max": 1024 }, 1);
  await failsToGoBack(vpsId);
  expect((await notSetBack(vpsId)).map(({ back }) => back)).toEqual([{ "pids.max": 512 }]);
  await turnOn();
  await eventually(async () => (await limitsOf(vpsId))["pids.max"] === 256);
  await eventually(async () => (await notSetBack(vpsId)).length === 0);
});

test("one that failed and is retried sets back, and takes away no later end of the same limits", async () => {
  const vpsId = await created(GIB / 32);
  await change(vpsId, { "pids.max": 512 }, 5); // from 256, until Friday
  await change(vpsId, { "pids.max": 1024 }, 1); // until Tuesday
  const tuesday = await failsToGoBack(vpsId);
  const retry = () => control.fleet.jobs.retry({ jobId: tuesday.jobId ?? "", actor: ACTOR });
  failOnce(vpsId);
  expect((await ended(control.fleet, (await retry()).jobId)).state).toBe("failed");
  const { jobId } = await retry(); // of the first try once more: it too is a setting back
  expect(await ended(control.fleet, jobId)).toMatchObject({ state: "succeeded", retryOf: tuesday.jobId });
  expect((await limitsOf(vpsId))["pids.max"]).toBe(512);
  expect(await notSetBack(vpsId)).toEqual([]);
  const [friday, back] = await timed(vpsId);
  expect(friday).toMatchObject({ state: "pending", back: { "pids.max": 256 } });
  expect(back).toMatchObject({ id: tuesday.id, state: "fired", reason: null, jobId });
});

test("it can be cancelled, and ends with its VPS", async () => {
  const [kept, deleted] = [await created(GIB / 16), await created(GIB / 16)];
  await change(kept, { "cpu.cores": 2 }, 1);
  await change(deleted, { "cpu.cores": 2 }, 1);
  const id = (await timed(kept))[0]?.id ?? "";
  await control.fleet.vps.cancelTimedChange({ id, actor: ACTOR });
  await ended(control.fleet, (await control.fleet.vps.delete({ vpsId: deleted, actor: ACTOR })).jobId);
  expect((await timed(kept))[0]).toMatchObject({ state: "cancelled", reason: expect.stringContaining(ACTOR) });
  expect((await timed(deleted))[0]).toMatchObject({ state: "cancelled", reason: "The VPS was deleted." });
  await turnOn();
  expect((await limitsOf(kept))["cpu.cores"]).toBe(2);
  await expect(control.fleet.vps.cancelTimedChange({ id: "t000", actor: ACTOR })).rejects.toMatchObject({
    code: "not_found",
  });
});
