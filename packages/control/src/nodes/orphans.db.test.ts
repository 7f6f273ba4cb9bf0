/** What is on a node and in no inventory: found, shown with why it cannot be adopted, adopted as it is. */
import { macOf } from "@muster/model/address";
import type { Orphan } from "@muster/model/node";
import type { VpsSpec } from "@muster/model/vps";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FakeAgent } from "../testing/fake-agent.ts";
import { ACTOR, createTestFleet, ended, eventually, spec, type TestFleet } from "../testing/test-fleet.ts";

let control: TestFleet;
let alpha: { nodeId: string; agent: FakeAgent };
let beta: { nodeId: string; agent: FakeAgent };

beforeAll(async () => {
  control = await createTestFleet({ orphansEveryMs: 500 });
  alpha = await control.addNode("alpha", "10.83.0.0/24");
  beta = await control.addNode("beta", "10.84.0.0/24");
});
afterAll(() => control.close());

interface Stray {
  id: string;
  spec: VpsSpec;
  epoch?: number;
  generation?: number;
}

/** As another server, or one whose database was lost, has left it there: running. */
function leave(agent: FakeAgent, { id, spec: left, epoch = 1, generation = 3 }: Stray): void {
  agent.specs.set(id, { spec: left, generation });
  agent.placements.set(id, {
    ...{ vpsId: id, statusSeq: 7, epoch, appliedGeneration: generation, state: "running", reason: null },
    ...{ startedAtMs: Date.now(), diskUsedBytes: 1, observedAtMs: Date.now() },
  });
}

async function found(vpsId: string, nodeId: string): Promise<Orphan> {
  let orphan: Orphan | undefined;
  await eventually(async () => {
    orphan = (await control.fleet.nodes.orphans()).find((one) => one.vpsId === vpsId && one.nodeId === nodeId);
    return orphan !== undefined;
  });
  if (orphan === undefined) throw new Error("it was found and is gone");
  return orphan;
}

const adopt = (vpsId: string, nodeId = alpha.nodeId) => control.fleet.vps.adopt({ nodeId, vpsId, actor: ACTOR });
const running = async (name: string, address: string, nodeId = alpha.nodeId) => {
  const made = await control.fleet.vps.create({ nodeId, spec: spec({ name, address }), start: true, actor: ACTOR });
  await ended(control.fleet, made.jobId);
  return made.vpsId;
};

describe("a VPS that is in no inventory", () => {
  const limits = { "cpu.cores": 1.25, "nic.egress": 10_000_000 };
  const left = spec({ name: "stray", address: "10.83.0.77", limits });

  test("is shown, counted, and adopted as it is, with its history", async () => {
    leave(alpha.agent, { id: "vstray00001", spec: left, epoch: 2, generation: 5 });
    const orphan = await found("vstray00001", alpha.nodeId);
    expect(orphan).toMatchObject({ nodeName: "alpha", spec: left, state: "running", epoch: 2, adoptRefusal: null });
    expect((await control.fleet.nodes.get(alpha.nodeId)).orphanCount).toBe(1);
    const job = await ended(control.fleet, (await adopt("vstray00001")).jobId);
    expect(job).toMatchObject({ state: "succeeded", kind: "vps.adopt", actor: ACTOR, vpsName: "stray" });
    const vps = await control.fleet.vps.get("vstray00001");
    expect(vps).toMatchObject({ spec: left, mac: macOf(left.address), state: "running", epoch: 2, generation: 5 });
    expect(await control.fleet.nodes.orphans()).toEqual([]);
    const changes = await control.fleet.vps.allocations("vstray00001");
    expect(changes).toContainEqual(expect.objectContaining({ limit: "cpu.cores", to: 1.25, actor: ACTOR }));
    expect(alpha.agent.calls).toEqual([]); // nothing was done on the node
  });

  test("is gone from the list when it is gone from its node", async () => {
    leave(alpha.agent, { id: "vstray00002", spec: spec({ name: "brief", address: "10.83.0.78" }) });
    await found("vstray00002", alpha.nodeId);
    alpha.agent.placements.delete("vstray00002");
    await eventually(async () => (await control.fleet.nodes.orphans()).length === 0);
    await expect(adopt("vstray00002")).rejects.toMatchObject({ code: "not_found" });
  });

  test("that its node no longer has when it is asked again is taken back out of the inventory", async () => {
    leave(alpha.agent, { id: "vstray00003", spec: spec({ name: "fleeting", address: "10.83.0.79" }) });
    await found("vstray00003", alpha.nodeId);
    alpha.agent.placements.delete("vstray00003");
    const job = await ended(control.fleet, (await adopt("vstray00003")).jobId);
    expect(job).toMatchObject({ state: "failed", error: { code: "not_found" }, steps: [{ state: "undone" }, {}] });
    await expect(control.fleet.vps.get("vstray00003")).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("a VPS that cannot be adopted", () => {
  test("says whose name or address it has", async () => {
    await running("taken", "10.83.0.30");
    leave(alpha.agent, { id: "vclash00001", spec: spec({ name: "taken", address: "10.83.0.31" }) });
    leave(alpha.agent, { id: "vclash00002", spec: spec({ name: "other", address: "10.83.0.30" }) });
    expect((await found("vclash00001", alpha.nodeId)).adoptRefusal).toBe("There is another VPS taken.");
    expect((await found("vclash00002", alpha.nodeId)).adoptRefusal).toBe("10.83.0.30 belongs to taken.");
    await expect(adopt("vclash00001")).rejects.toMatchObject({ code: "name_taken" });
    await expect(adopt("vclash00002")).rejects.toMatchObject({ code: "address_taken" });
    for (const id of ["vclash00001", "vclash00002"]) alpha.agent.placements.delete(id);
  });

  test("says that it is an old copy of one that is elsewhere, and of two unknown copies the newer is the VPS", async () => {
    const vpsId = await running("moved", "10.84.0.40", beta.nodeId);
    leave(alpha.agent, { id: vpsId, spec: spec({ name: "moved", address: "10.83.0.40" }), epoch: 1 });
    const copy = await found(vpsId, alpha.nodeId);
    expect(copy.adoptRefusal).toMatch(
      /has this VPS on beta, at epoch 1; this copy says epoch 1\. Look at both nodes\.$/,
    );
    await expect(adopt(vpsId)).rejects.toMatchObject({ code: "state_conflict" });
    alpha.agent.placements.delete(vpsId);

    const twice = spec({ name: "twice", address: "10.83.0.41" });
    leave(alpha.agent, { id: "vtwice00001", spec: twice, epoch: 1 });
    leave(beta.agent, { id: "vtwice00001", spec: twice, epoch: 2 });
    await found("vtwice00001", beta.nodeId);
    const older = await found("vtwice00001", alpha.nodeId);
    expect(older.adoptRefusal).toContain("It is an old copy of epoch 1");
    await expect(adopt("vtwice00001", alpha.nodeId)).rejects.toMatchObject({ code: "state_conflict" });
    await ended(control.fleet, (await adopt("vtwice00001", beta.nodeId)).jobId);
    expect((await found("vtwice00001", alpha.nodeId)).adoptRefusal).toBe(
      "It is an old copy, of epoch 1: the VPS is on beta, at epoch 2.",
    );
  });
});

test("a VPS that a job is at work on is no orphan, however long the job takes", async () => {
  const gate = Promise.withResolvers<void>();
  alpha.agent.before.set("deleteVps", () => gate.promise);
  const vpsId = await running("deleting", "10.83.0.60");
  const { jobId } = await control.fleet.vps.delete({ vpsId, actor: ACTOR });
  leave(alpha.agent, { id: "vwitness001", spec: spec({ name: "witness", address: "10.83.0.61" }) });
  await found("vwitness001", alpha.nodeId); // two rounds of the finder have passed
  expect((await control.fleet.nodes.orphans()).map((one) => one.vpsId)).not.toContain(vpsId);
  gate.resolve();
  await ended(control.fleet, jobId);
});
