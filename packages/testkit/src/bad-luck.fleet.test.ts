/** What breaks in the middle of work: each time the work ends by itself, once, and nothing is lost or half there. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestFleet, ended, eventually, runVps, specOn, type TestFleet, type TestNode } from "./fleet.ts";

let fleet: TestFleet;
let node: TestNode;
let other: TestNode;

beforeAll(async () => {
  fleet = await createTestFleet();
  node = await fleet.addNode("sim-01");
  other = await fleet.addNode("sim-02");
});
afterAll(() => fleet.close());

const stateOf = async (vpsId: string) => (await fleet.api().vps.get({ vpsId })).state;
const healthOf = async ({ nodeId }: TestNode) => (await fleet.api().nodes.get({ nodeId })).health;

async function median(count: number, work: () => Promise<unknown>): Promise<number> {
  const took: number[] = [];
  for (let round = 0; round < count; round += 1) {
    const begun = performance.now();
    await work();
    took.push(performance.now() - begun);
  }
  return took.toSorted((one, another) => one - another)[Math.floor(count / 2)] ?? Number.NaN;
}

describe("a guest that dies by itself", () => {
  test("is seen to have stopped, and can be started again", async () => {
    const vpsId = await runVps(fleet, node, specOn(node, "sim-dies", 10));
    expect(await stateOf(vpsId)).toBe("running");
    await eventually("it is stopped", async () => (await stateOf(vpsId)) === "stopped");
    const { jobId } = await fleet.api().vps.start({ vpsId });
    expect((await ended(fleet.fleet(), jobId)).state).toBe("succeeded");
  });
});

describe("an agent that is killed", () => {
  test("leaves its VPSs running; they are unknown until it is back, and never drawn green meanwhile", async () => {
    const vpsId = await runVps(fleet, node, specOn(node, "steady", 11));
    const { startedAtMs } = (await fleet.api().vps.get({ vpsId })).status ?? {};
    await node.host.kill();
    await eventually("the node is unknown", async () => (await healthOf(node)) === "unknown");
    expect(await stateOf(vpsId)).toBe("unknown");
    await node.host.boot();
    await eventually("it runs again", async () => (await stateOf(vpsId)) === "running");
    expect((await fleet.api().vps.get({ vpsId })).status?.startedAtMs).toBe(startedAtMs);
  });

  test("in the middle of a create: the same job makes the VPS when the agent is back, once", async () => {
    const spec = specOn(node, "sim-slow-create-2s", 12);
    const { jobId, vpsId } = await fleet.api().vps.create({ nodeId: node.nodeId, spec });
    await eventually("the node is at work", async () =>
      (await node.host.node().listVps()).some((status) => status.vpsId === vpsId && status.state === "preparing"),
    );
    await node.host.kill();
    await node.host.boot();
    const job = await ended(fleet.fleet(), jobId, 60_000);
    expect([job.state, job.error]).toEqual(["succeeded", null]);
    const placed = (await node.host.node().listVps()).filter((status) => status.vpsId === vpsId);
    expect(placed.map((status) => status.state)).toEqual(["running"]);
  });
});

describe("a machine that hangs", () => {
  test("slows nobody else, and its own callers are turned away with a code", async () => {
    const vpsId = await runVps(fleet, other, specOn(other, "neighbour", 10));
    const asleep = await runVps(fleet, node, specOn(node, "asleep", 13));
    const look = () => fleet.api().vps.exec({ vpsId, argv: ["true"], timeoutMs: 5_000 });
    const beforeMs = await median(5, look);
    await node.host.silence();
    const stuck = Array.from({ length: 120 }, () =>
      fleet
        .api()
        .vps.exec({ vpsId: asleep, argv: ["true"], timeoutMs: 1_000 })
        .then(
          () => "answered",
          (error: unknown) => error,
        ),
    );
    const duringMs = await median(5, look);
    expect(duringMs).toBeLessThan(Math.max(250, beforeMs * 5));
    await runVps(fleet, other, specOn(other, "born-meanwhile", 11));
    for (const outcome of await Promise.all(stuck)) expect(outcome).toBeInstanceOf(Error);
    await eventually("the node is unknown", async () => (await healthOf(node)) === "unknown");
    expect(await healthOf(other)).toBe("healthy");
    await node.host.boot();
    await eventually("it runs again", async () => (await stateOf(asleep)) === "running");
  });
});

describe("a server that is started again", () => {
  test("in the middle of a create finishes the job that it had begun", async () => {
    const spec = specOn(other, "sim-slow-create-3s", 20);
    const { jobId, vpsId } = await fleet.api().vps.create({ nodeId: other.nodeId, spec });
    await eventually("the node is at work", async () =>
      (await other.host.node().listVps()).some((status) => status.vpsId === vpsId),
    );
    await fleet.restart();
    const job = await ended(fleet.fleet(), jobId, 60_000);
    expect([job.state, job.error]).toEqual(["succeeded", null]);
    expect(await stateOf(vpsId)).toBe("running");
    expect((await other.host.node().listVps()).filter((status) => status.vpsId === vpsId)).toHaveLength(1);
  });
});
