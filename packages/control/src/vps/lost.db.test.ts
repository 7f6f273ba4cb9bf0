/** A VPS that is in the inventory and not on its node any more: shown as failed, kept, and left to a person. */
import { openDatabase } from "@muster/db/client";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { databaseAccess } from "../database-access.ts";
import type { FakeAgent } from "../testing/fake-agent.ts";
import { ACTOR, createTestFleet, ended, eventually, spec, type TestFleet } from "../testing/test-fleet.ts";
import { createStatusStore } from "./status-store.ts";

let control: TestFleet;
let nodeId: string;
let agent: FakeAgent;
let number = 0;

beforeAll(async () => {
  control = await createTestFleet({ orphansEveryMs: 500 });
  ({ nodeId, agent } = await control.addNode("alpha"));
});
afterAll(() => control.close());
beforeEach(() => agent.before.clear());

async function running(): Promise<string> {
  number += 1;
  const wanted = spec({ name: `web-${number}`, address: `10.83.0.${10 + number}` });
  const { jobId, vpsId } = await control.fleet.vps.create({ nodeId, spec: wanted, start: true, actor: ACTOR });
  expect((await ended(control.fleet, jobId)).state).toBe("succeeded");
  return vpsId;
}

const get = (vpsId: string) => control.fleet.vps.get(vpsId);

/** Its node has it no more, by nobody's order; the next stock-taking finds it out, which a server begins with. */
async function lost(): Promise<string> {
  const vpsId = await running();
  agent.placements.delete(vpsId);
  agent.specs.delete(vpsId);
  await control.restart();
  await eventually(async () => (await get(vpsId)).state === "failed");
  return vpsId;
}

describe("a VPS that its node does not have", () => {
  test("is failed and says why, and the others of the node are as they were", async () => {
    const other = await running();
    const vpsId = await lost();
    expect(await get(vpsId)).toMatchObject({ stateReason: "Its node does not have it.", status: null });
    expect(await get(other)).toMatchObject({ state: "running", stateReason: null, status: { state: "running" } });
  });

  test("is deleted nowhere by itself, and an operator can delete it", async () => {
    const vpsId = await lost();
    const calls = agent.calls.length;
    await twoRoundsOfTheFinder();
    await control.restart(); // stock is taken once more
    await twoRoundsOfTheFinder();
    expect(await get(vpsId)).toMatchObject({ state: "failed", stateReason: "Its node does not have it." });
    expect(agent.calls.slice(calls)).toEqual([]);
    const { items } = await control.fleet.jobs.list({ vpsId, limit: 10 });
    expect(items.map(({ kind }) => kind)).toEqual(["vps.create"]);

    const { jobId } = await control.fleet.vps.delete({ vpsId, actor: ACTOR });
    expect((await ended(control.fleet, jobId)).state).toBe("succeeded");
    await expect(get(vpsId)).rejects.toMatchObject({ code: "not_found" });
  });

  test("cannot be started: the job fails with what its node says, and it is as failed as before", async () => {
    const vpsId = await lost();
    const { jobId } = await control.fleet.vps.start({ vpsId, actor: ACTOR });
    expect(await ended(control.fleet, jobId)).toMatchObject({ state: "failed", error: { code: "not_found" } });
    expect(await get(vpsId)).toMatchObject({ state: "failed", stateReason: "Its node does not have it." });
  });

  test("is what it was once its node has it again, however low the number of its status", async () => {
    const vpsId = await running();
    const placement = agent.placements.get(vpsId);
    if (placement === undefined) throw new Error("its node never had it");
    agent.placements.delete(vpsId);
    await control.restart();
    await eventually(async () => (await get(vpsId)).state === "failed");
    agent.placements.set(vpsId, { ...placement, statusSeq: 0 });
    await control.restart();
    await eventually(async () => (await get(vpsId)).state === "running");
    expect(await get(vpsId)).toMatchObject({ stateReason: null, status: { statusSeq: 0 } });
  });
});

/** A stray is shown when it was seen twice. */
async function twoRoundsOfTheFinder(): Promise<void> {
  number += 1;
  const vpsId = `vwitness${String(number).padStart(3, "0")}`;
  agent.specs.set(vpsId, { spec: spec({ name: `stray-${number}`, address: `10.83.0.${10 + number}` }), generation: 1 });
  agent.placements.set(vpsId, {
    ...{ vpsId, statusSeq: 1, epoch: 1, appliedGeneration: 1, state: "stopped", reason: null },
    ...{ startedAtMs: null, diskUsedBytes: 0, observedAtMs: Date.now() },
  });
  await eventually(async () => (await control.fleet.nodes.orphans()).some((orphan) => orphan.vpsId === vpsId));
  agent.placements.delete(vpsId);
  agent.specs.delete(vpsId);
}

describe("a status is not forgotten", () => {
  test("over a list that is older than it, or another node's", async () => {
    const vpsId = await running();
    const database = openDatabase(control.url);
    const store = createStatusStore(databaseAccess(database));
    const known = (await store.reported(nodeId)).filter((one) => one.vpsId === vpsId);
    expect(known).toHaveLength(1);
    await store.forgetStatus("nelsewhere0", known);
    await store.forgetStatus(
      nodeId,
      known.map((one) => ({ ...one, statusSeq: one.statusSeq - 1 })),
    );
    expect((await get(vpsId)).status).toMatchObject({ statusSeq: known[0]?.statusSeq, state: "running" });
    await store.forgetStatus(nodeId, known);
    expect((await get(vpsId)).status).toBeNull();
    await database.close();
  });

  test("while a job holds its VPS", async () => {
    const vpsId = await running();
    const database = openDatabase(control.url);
    const store = createStatusStore(databaseAccess(database));
    const known = (await store.reported(nodeId)).filter((one) => one.vpsId === vpsId);
    const gate = Promise.withResolvers<void>();
    agent.before.set("stopVps", () => gate.promise);
    const { jobId } = await control.fleet.vps.stop({ vpsId, actor: ACTOR });
    expect((await store.reported(nodeId)).map((one) => one.vpsId)).not.toContain(vpsId);
    await store.forgetStatus(nodeId, known);
    expect((await get(vpsId)).status).toMatchObject({ state: "running" });
    gate.resolve();
    expect((await ended(control.fleet, jobId)).state).toBe("succeeded");
    await database.close();
  });
});
