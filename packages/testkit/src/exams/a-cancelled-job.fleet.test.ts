/** Whoever is told that a stop or a start was cancelled finds the VPS as it was, also a while later. */
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestFleet, ended, eventually, runVps, specOn, type TestFleet, type TestNode } from "../fleet.ts";

let fleet: TestFleet;
let node: TestNode;

beforeAll(async () => {
  fleet = await createTestFleet();
  node = await fleet.addNode("sim-01");
});
afterAll(() => fleet.close());

/** Longer than it took the guest to stop. */
const A_WHILE_MS = 3_000;

const onNode = async (vpsId: string) => (await node.host.node().listVps()).find((status) => status.vpsId === vpsId);
const stateOf = async (vpsId: string) => (await fleet.api().vps.get({ vpsId })).state;

async function cancelAmid(jobId: string): Promise<void> {
  await eventually("it is at work", async () => {
    const { steps } = await fleet.fleet().jobs.get(jobId);
    return steps.some(({ state }) => state === "running");
  });
  await delay(300); // its node has been asked
  await fleet.fleet().jobs.cancel({ jobId, actor: "ada@example.org" });
  expect((await ended(fleet.fleet(), jobId)).state).toBe("cancelled");
}

test("a stop whose guest has been asked already is taken back: it stops, and is started again", async () => {
  const vpsId = await runVps(fleet, node, specOn(node, "sim-slow-stop-2s", 10));
  const before = await onNode(vpsId);
  await cancelAmid((await fleet.api().vps.stop({ vpsId })).jobId);
  await delay(A_WHILE_MS);
  const after = await onNode(vpsId);
  expect([after?.state, await stateOf(vpsId)]).toEqual(["running", "running"]);
  expect(after?.startedAtMs).toBeGreaterThan(before?.startedAtMs ?? Number.NaN);
});

test("a start leaves it stopped", async () => {
  const spec = specOn(node, "sim-slow-start-2s", 11);
  const { jobId, vpsId } = await fleet.api().vps.create({ nodeId: node.nodeId, spec, start: false });
  await ended(fleet.fleet(), jobId);
  await cancelAmid((await fleet.api().vps.start({ vpsId })).jobId);
  await delay(A_WHILE_MS);
  expect([(await onNode(vpsId))?.state, await stateOf(vpsId)]).toEqual(["stopped", "stopped"]);
});
