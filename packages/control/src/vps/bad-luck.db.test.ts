/** Bad input and bad luck: each gets one clear error with a code, and loses nothing. */
import { MusterError } from "@muster/model/errors";
import { MIB } from "@muster/model/units";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { FakeAgent } from "../testing/fake-agent.ts";
import {
  ACTOR,
  createTestFleet,
  ended,
  eventually,
  type SpecOverrides,
  spec,
  type TestFleet,
} from "../testing/test-fleet.ts";

let control: TestFleet;
let nodeId: string;
let agent: FakeAgent;
let number = 0;

beforeAll(async () => {
  control = await createTestFleet();
  ({ nodeId, agent } = await control.addNode("alpha"));
});
afterAll(() => control.close());
beforeEach(() => agent.before.clear());

const fresh = (overrides: SpecOverrides = {}) => {
  number += 1;
  return spec({ name: `web-${number}`, address: `10.83.0.${10 + number}`, ...overrides });
};
const create = (overrides: SpecOverrides = {}) =>
  control.fleet.vps.create({ nodeId, spec: fresh(overrides), start: true, actor: ACTOR });
const fails = (message: string) => () => {
  throw new MusterError("engine_failed", message);
};
const stepsOf = async (jobId: string) =>
  (await control.fleet.jobs.get(jobId)).steps.map(({ name, state }) => `${name} ${state}`);

describe("what was asked for cannot be", () => {
  test("a name that is taken", async () => {
    const { jobId } = await create({ name: "twice" });
    await ended(control.fleet, jobId);
    await expect(create({ name: "twice" })).rejects.toMatchObject({ code: "name_taken", field: "name" });
  });

  test("an address that is taken, with its holder's name", async () => {
    const { jobId } = await create({ name: "holder", address: "10.83.0.200" });
    await ended(control.fleet, jobId);
    const refused = create({ address: "10.83.0.200" });
    await expect(refused).rejects.toMatchObject({
      code: "address_taken",
      field: "address",
      message: expect.stringContaining("holder"),
    });
  });

  test.each(["10.84.0.9", "10.83.0.0", "10.83.0.255", "10.83.0.1"])("the address %s", async (address) => {
    await expect(create({ address })).rejects.toMatchObject({ code: "address_outside_network", field: "address" });
  });

  test("more memory than the node has left, with the figures", async () => {
    const refused = create({ limits: { "memory.max": 8192 * MIB } });
    await expect(refused).rejects.toMatchObject({
      code: "overcommitted",
      field: "memory.max",
      message: expect.stringMatching(/has .*GiB of memory left of 3\.8 GiB .*over-commit is off.* takes 8 GiB more/),
    });
  });

  test("a template that the node lacks", async () => {
    await expect(create({ template: "nixos" })).rejects.toMatchObject({ code: "template_missing", field: "template" });
  });

  test("a node that does not exist", async () => {
    const request = control.fleet.vps.create({ nodeId: "n0000000000", spec: fresh(), start: true, actor: ACTOR });
    await expect(request).rejects.toMatchObject({ code: "not_found" });
  });

  test("a VPS that does not exist", async () => {
    await expect(control.fleet.vps.start({ vpsId: "v0000000000", actor: ACTOR })).rejects.toMatchObject({
      code: "not_found",
    });
  });
});

describe("at once", () => {
  test("of ten creates of one name one wins", async () => {
    const address = (index: number) => `10.83.0.${100 + index}`;
    const all = Array.from({ length: 10 }, (_, index) => create({ name: "race", address: address(index) }));
    const results = await Promise.allSettled(all);
    const won = results.filter((result) => result.status === "fulfilled");
    expect(won).toHaveLength(1);
    for (const result of results)
      if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "name_taken" });
    for (const { value } of won) await ended(control.fleet, value.jobId);
  });

  test("of two nodes of one network only one gives an address away", async () => {
    const other = await control.addNode("beta");
    const address = "10.83.0.150";
    const results = await Promise.allSettled([
      create({ address }),
      control.fleet.vps.create({ nodeId: other.nodeId, spec: fresh({ address }), start: true, actor: ACTOR }),
    ]);
    expect(results.map((result) => result.status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(results.find((result) => result.status === "rejected")).toMatchObject({ reason: { code: "address_taken" } });
  });

  test("one operation works on a VPS, and the other is told which", async () => {
    const { jobId, vpsId } = await create();
    await ended(control.fleet, jobId);
    const gate = Promise.withResolvers<void>();
    agent.before.set("stopVps", () => gate.promise);
    const { jobId: stopping } = await control.fleet.vps.stop({ vpsId, actor: ACTOR });
    expect((await control.fleet.vps.get(vpsId)).state).toBe("stopping");
    const refused = control.fleet.vps.restart({ vpsId, actor: ACTOR });
    await expect(refused).rejects.toMatchObject({ code: "busy", message: expect.stringContaining(stopping) });
    gate.resolve();
    expect((await ended(control.fleet, stopping)).state).toBe("succeeded");
  });
});

describe("a step fails", () => {
  test("the start: what was made is removed, and name and address are free again", async () => {
    agent.before.set("startVps", fails("runc: exec format error"));
    const { jobId, vpsId } = await create({ name: "unlucky" });
    expect(await ended(control.fleet, jobId)).toMatchObject({
      state: "failed",
      error: { code: "engine_failed", message: "runc: exec format error" },
    });
    expect(await stepsOf(jobId)).toEqual(["reserve undone", "prepare undone", "start failed"]);
    expect(agent.placements.has(vpsId)).toBe(false);
    agent.before.clear();
    const again = await create({ name: "unlucky" });
    expect((await ended(control.fleet, again.jobId)).state).toBe("succeeded");
  });

  test("the preparation: the rest is skipped, and half of it is removed", async () => {
    agent.before.set("createVps", fails("no space left on the pool"));
    const { jobId, vpsId } = await create();
    expect((await ended(control.fleet, jobId)).state).toBe("failed");
    expect(await stepsOf(jobId)).toEqual(["reserve undone", "prepare failed", "start skipped"]);
    expect(agent.calls).toContain(`deleteVps ${vpsId}`);
    await expect(control.fleet.vps.get(vpsId)).rejects.toMatchObject({ code: "not_found" });
  });

  test("and its undo too: the job is stuck, the VPS is shown as failed and can be deleted", async () => {
    agent.before.set("startVps", fails("no"));
    agent.before.set("deleteVps", fails("the device is busy"));
    const { jobId, vpsId } = await create();
    expect(await ended(control.fleet, jobId)).toMatchObject({
      state: "stuck",
      error: { message: expect.stringContaining("the device is busy") },
    });
    expect(await stepsOf(jobId)).toEqual(["reserve done", "prepare undo_failed", "start failed"]);
    agent.before.clear();
    expect((await control.fleet.vps.get(vpsId)).holdingJob).toBeNull();
    const { jobId: deleting } = await control.fleet.vps.delete({ vpsId, actor: ACTOR });
    expect((await ended(control.fleet, deleting)).state).toBe("succeeded");
  });
});

describe("a node dies", () => {
  test("in mid-create: the job waits for it and goes on", async () => {
    agent.before.set("startVps", () => {
      agent.before.delete("startVps");
      agent.alive = false;
      setTimeout(() => {
        agent.alive = true;
      }, 400);
    });
    const { jobId } = await create();
    expect((await ended(control.fleet, jobId)).state).toBe("succeeded");
  });

  test("its VPSs are unknown, not green; what is asked of it is refused at once; the other node is as quick as ever", async () => {
    const { nodeId: deadId, agent: dead } = await control.addNode("gamma", "10.85.0.0/24");
    const request = { nodeId: deadId, spec: spec({ name: "lost", address: "10.85.0.9" }), start: true, actor: ACTOR };
    const { jobId, vpsId } = await control.fleet.vps.create(request);
    await ended(control.fleet, jobId);
    dead.alive = false;
    await eventually(async () => (await control.fleet.vps.get(vpsId)).state === "unknown");
    expect((await control.fleet.nodes.get(deadId)).healthReason).toMatch(/does not answer/);
    await expect(control.fleet.vps.stop({ vpsId, actor: ACTOR })).rejects.toMatchObject({ code: "node_unreachable" });
    const again = { ...request, spec: spec({ name: "lost-2", address: "10.85.0.10" }) };
    await expect(control.fleet.vps.create(again)).rejects.toMatchObject({ code: "node_unreachable" });
    const { jobId: elsewhere } = await create();
    expect((await ended(control.fleet, elsewhere)).state).toBe("succeeded");
    dead.alive = true;
    await eventually(async () => (await control.fleet.vps.get(vpsId)).state === "running");
  });
});

describe("the node owns the status", () => {
  test("a late status falls away, a newer one is taken", async () => {
    const { jobId, vpsId } = await create();
    await ended(control.fleet, jobId);
    const { status } = await control.fleet.vps.get(vpsId);
    if (status === null) throw new Error("it has no status");
    agent.report({ ...status, statusSeq: status.statusSeq - 1, state: "stopped" });
    agent.report({ ...status, statusSeq: status.statusSeq + 5, state: "broken", reason: "its mount is gone" });
    await eventually(async () => (await control.fleet.vps.get(vpsId)).state === "failed");
    agent.report({ ...status, statusSeq: status.statusSeq + 4, state: "running" });
    agent.report({ ...status, statusSeq: status.statusSeq + 6, state: "stopped" });
    await eventually(async () => (await control.fleet.vps.get(vpsId)).state === "stopped");
  });
});
