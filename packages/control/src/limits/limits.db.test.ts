/** Limits change while a VPS runs: checked, promised, applied, written into the history; or nothing of it. */
import { MusterError } from "@muster/model/errors";
import { GIB, MIB } from "@muster/model/units";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type FakeAgent, fakeInventory } from "../testing/fake-agent.ts";
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
beforeEach(() => {
  agent.before.clear();
  agent.alive = true;
});

async function created(overrides: SpecOverrides = {}, start = true): Promise<string> {
  number += 1;
  const wanted = spec({ name: `vps-${number}`, address: `10.83.0.${10 + number}`, ...overrides });
  const { jobId, vpsId } = await control.fleet.vps.create({ nodeId, spec: wanted, start, actor: ACTOR });
  expect((await ended(control.fleet, jobId)).state).toBe("succeeded");
  return vpsId;
}
const get = (vpsId: string) => control.fleet.vps.get(vpsId);
const setLimits = (vpsId: string, limits: object, until?: string) =>
  control.fleet.vps.setLimits({ vpsId, limits, until, actor: ACTOR });
const done = async (asked: Promise<{ jobId: string }>) => await ended(control.fleet, (await asked).jobId);
const kernelOf = (vpsId: string) => control.fleet.vps.readLimits(vpsId);
/** What a failure must leave as it was. */
const sight = async (vpsId: string) => {
  const { spec: now, state, holdingJob } = await get(vpsId);
  const allocations = (await control.fleet.vps.allocations(vpsId)).length;
  return { now, state, holdingJob, kernel: await kernelOf(vpsId), allocations };
};
const fails = (error: MusterError) => () => {
  throw error;
};

/** The next change hangs on its node, and fails when it is told to; those after it go through. */
function hangsThenFails(error: MusterError) {
  const [reached, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  agent.before.set("configureVps", async () => {
    agent.before.clear();
    reached.resolve();
    await gate.promise;
    throw error;
  });
  return { reached: reached.promise, fail: () => gate.resolve() };
}

describe("a change of limits", () => {
  test("is applied on the node and is history: who, when, from, to", async () => {
    const vpsId = await created();
    const job = await done(setLimits(vpsId, { "cpu.cores": 2, "nic.egress": 10_000_000 }));
    expect(job).toMatchObject({ kind: "vps.setLimits", state: "succeeded", vpsId });
    expect(job.steps.map((step) => `${step.name} ${step.state}`)).toEqual([
      "reserve done",
      "apply done",
      "record done",
    ]);
    expect(await get(vpsId)).toMatchObject({ state: "running", generation: 2, holdingJob: null });
    expect((await get(vpsId)).status?.appliedGeneration).toBe(2);
    expect(await kernelOf(vpsId)).toMatchObject({ "cpu.cores": 2, "nic.egress": 10_000_000, "memory.max": 64 * MIB });
    const [newest, second, ...created13] = await control.fleet.vps.allocations(vpsId);
    const about = { actor: ACTOR, jobId: job.id, until: null };
    expect(second).toMatchObject({ ...about, limit: "cpu.cores", from: 0.5, to: 2 });
    expect(newest).toMatchObject({ ...about, limit: "nic.egress", from: null, to: 10_000_000 });
    expect(created13).toHaveLength(13);
    expect(created13.every((change) => !("from" in change))).toBe(true);
  });

  test("of a stopped VPS holds from its next start on", async () => {
    const vpsId = await created({}, false);
    expect((await done(setLimits(vpsId, { "pids.max": 99 }))).state).toBe("succeeded");
    expect(await get(vpsId)).toMatchObject({ state: "stopped", spec: { limits: { "pids.max": 99 } } });
  });

  test("shows the VPS as running all the while, and a second one is told who is at work", async () => {
    const vpsId = await created();
    const gate = Promise.withResolvers<void>();
    agent.before.set("configureVps", () => gate.promise);
    const results = await Promise.allSettled([
      setLimits(vpsId, { "cpu.cores": 2 }),
      setLimits(vpsId, { "cpu.cores": 3 }),
    ]);
    const [jobId] = results.flatMap((result) => (result.status === "fulfilled" ? [result.value.jobId] : []));
    const [refused] = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
    expect(refused).toMatchObject({ code: "busy", message: expect.stringContaining(jobId ?? "no job") });
    expect((await get(vpsId)).state).toBe("running");
    const listed = await control.fleet.vps.list({ search: "state:running", limit: 500 }); // told by SQL of its own
    expect(listed.items.map(({ id }) => id)).toContain(vpsId);
    await expect(control.fleet.vps.stop({ vpsId, actor: ACTOR })).rejects.toMatchObject({
      code: "busy",
      message: expect.stringContaining("Set limits is under way"),
    });
    gate.resolve();
    expect((await ended(control.fleet, jobId ?? "")).state).toBe("succeeded");
  });

  test("that changes nothing is refused, and so is one whose end has passed", async () => {
    const vpsId = await created();
    await expect(setLimits(vpsId, { "cpu.cores": 0.5 })).rejects.toMatchObject({ code: "invalid_input" });
    const passed = setLimits(vpsId, { "cpu.cores": 1 }, "2020-01-01T00:00:00Z");
    await expect(passed).rejects.toMatchObject({ code: "invalid_input", field: "until" });
    await expect(setLimits("v0000000000", { "cpu.cores": 1 })).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("a node's policy", () => {
  test.each([
    ["memory.max", 8 * GIB, /of memory left of 3\.8 GiB for VPSs \(over-commit is off\); this takes 7\.9 GiB more/],
    ["disk.max", 65 * GIB, /of disk left of 64 GiB for VPSs \(over-commit is off\)/],
    ["cpu.cores", 70, /cores left of 64 cores for VPSs \(16 times its 4 cores\); this takes 69\.5 cores more/],
  ])("refuses too much of %s, with figures", async (limit, value, figures) => {
    const vpsId = await created();
    const before = await sight(vpsId);
    await expect(setLimits(vpsId, { [limit]: value })).rejects.toMatchObject({
      code: "overcommitted",
      field: limit,
      message: expect.stringMatching(figures),
    });
    expect(await sight(vpsId)).toEqual(before);
  });

  test("can be changed, and holds from then on; what is given back is always taken", async () => {
    const other = await control.addNode("policy", "10.90.0.0/24");
    const wanted = spec({ name: "policy-1", address: "10.90.0.9", limits: { "memory.max": 3 * GIB } });
    const request = { nodeId: other.nodeId, spec: wanted, start: true, actor: ACTOR };
    const { jobId, vpsId } = await control.fleet.vps.create(request);
    await ended(control.fleet, jobId);
    const policy = (memory: number | null) =>
      control.fleet.nodes.setOvercommit({
        nodeId: other.nodeId,
        overcommit: { cpu: null, memory, disk: null },
        actor: ACTOR,
      });
    await expect(setLimits(vpsId, { "memory.max": 5 * GIB })).rejects.toMatchObject({ code: "overcommitted" });
    await policy(1.5);
    expect((await done(setLimits(vpsId, { "memory.max": 5 * GIB }))).state).toBe("succeeded");
    expect((await control.fleet.nodes.get(other.nodeId)).shares?.promised.memory).toBe(5 * GIB);
    await policy(null);
    await expect(setLimits(vpsId, { "memory.max": 6 * GIB })).rejects.toMatchObject({ code: "overcommitted" });
    expect((await done(setLimits(vpsId, { "memory.max": 4 * GIB }))).state).toBe("succeeded");
  });

  test("promises to one of many who ask at once", async () => {
    const vpsIds = await Promise.all([created(), created(), created()]);
    const results = await Promise.allSettled(vpsIds.map((vpsId) => setLimits(vpsId, { "memory.max": 2 * GIB })));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const [index, result] of results.entries()) {
      if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "overcommitted" });
      else await ended(control.fleet, result.value.jobId);
      await done(control.fleet.vps.delete({ vpsId: vpsIds[index] ?? "", actor: ACTOR }));
    }
  });

  test("promises nobody what a change that is under way may have to give back", async () => {
    const [vpsId, other] = [await created({ limits: { "memory.max": 2 * GIB } }), await created()];
    const hanging = hangsThenFails(new MusterError("below_use", "It uses 1.5 GiB."));
    const { jobId } = await setLimits(vpsId, { "memory.max": 64 * MIB });
    await hanging.reached;
    await expect(setLimits(other, { "memory.max": 2.5 * GIB })).rejects.toMatchObject({ code: "overcommitted" });
    hanging.fail();
    expect(await ended(control.fleet, jobId)).toMatchObject({ state: "failed", error: { code: "below_use" } });
    expect((await get(vpsId)).spec.limits["memory.max"]).toBe(2 * GIB);
    await done(control.fleet.vps.delete({ vpsId, actor: ACTOR }));
  });
});

describe("a limit that the node cannot hold", () => {
  test("is refused in the node's own words, but left open where it was open", async () => {
    const other = await control.addNode("poor", "10.91.0.0/24");
    const can = fakeInventory().limits;
    const detail = "The kernel was built without ifb.";
    const limits = can.map((one) => (one.name === "nic.egress" ? { ...one, available: false, detail } : one));
    const inventory = { ...(await other.agent.inventory()), limits, bootId: "boot-2" };
    other.agent.inventory = async () => inventory;
    const described = await other.agent.describe();
    other.agent.describe = async () => ({ ...described, bootId: "boot-2" });
    await eventually(async () => (await control.fleet.nodes.get(other.nodeId)).inventory?.bootId === "boot-2");
    const wanted = spec({ name: "poor-1", address: "10.91.0.9" });
    const create = (egress: number | null) =>
      control.fleet.vps.create({
        ...{ nodeId: other.nodeId, start: true, actor: ACTOR },
        spec: { ...wanted, limits: { ...wanted.limits, "nic.egress": egress } },
      });
    await expect(create(1_000_000)).rejects.toMatchObject({ code: "unsupported", field: "nic.egress" });
    const { jobId, vpsId } = await create(null);
    await ended(control.fleet, jobId);
    await expect(setLimits(vpsId, { "nic.egress": 1_000_000 })).rejects.toMatchObject({
      code: "unsupported",
      field: "nic.egress",
      message: expect.stringContaining(detail),
    });
    expect((await done(setLimits(vpsId, { "nic.egress": null, "cpu.cores": 1 }))).state).toBe("succeeded");
  });
});

describe("a change that fails", () => {
  test("leaves spec, node and history as they were, and can be asked for again", async () => {
    const vpsId = await created();
    const before = await sight(vpsId);
    let once = true;
    agent.before.set("configureVps", () => {
      if (!once) return;
      once = false;
      throw new MusterError("engine_failed", "tc: no such device");
    });
    const job = await done(setLimits(vpsId, { "cpu.cores": 2, "memory.max": 128 * MIB }));
    expect(job).toMatchObject({ state: "failed", error: { code: "engine_failed" } });
    expect(job.steps.map((step) => `${step.name} ${step.state}`)).toEqual([
      "reserve undone",
      "apply failed",
      "record skipped",
    ]);
    expect(await sight(vpsId)).toEqual(before);
    const { generation, status } = await get(vpsId);
    expect(status?.appliedGeneration).toBe(generation);
    const { jobId } = await control.fleet.jobs.retry({ jobId: job.id, actor: "bob@example.org" });
    expect(await ended(control.fleet, jobId)).toMatchObject({
      state: "succeeded",
      retryOf: job.id,
      actor: "bob@example.org",
    });
    expect((await get(vpsId)).spec.limits).toMatchObject({ "cpu.cores": 2, "memory.max": 128 * MIB });
  });

  test("whose taking back fails too is stuck with advice, and goes on when it is retried", async () => {
    const vpsId = await created();
    const before = await sight(vpsId);
    agent.before.set("configureVps", fails(new MusterError("engine_failed", "the cgroup is gone")));
    const job = await done(setLimits(vpsId, { "cpu.cores": 2 }));
    expect(job).toMatchObject({ state: "stuck", advice: expect.stringContaining("Retry") });
    agent.before.clear();
    await control.fleet.jobs.retry({ jobId: job.id, actor: ACTOR });
    expect((await ended(control.fleet, job.id)).state).toBe("failed");
    expect(await sight(vpsId)).toEqual(before);
  });

  test("and one that is cancelled while its node hangs is taken back", async () => {
    const vpsId = await created();
    const before = await sight(vpsId);
    const reached = Promise.withResolvers<void>();
    agent.before.set("configureVps", () => {
      agent.before.clear();
      reached.resolve();
      return new Promise<void>(() => {});
    });
    const { jobId } = await setLimits(vpsId, { "cpu.cores": 2 });
    await reached.promise;
    await control.fleet.jobs.cancel({ jobId, actor: ACTOR });
    expect((await ended(control.fleet, jobId)).state).toBe("cancelled");
    expect(await sight(vpsId)).toEqual(before);
  });
});

describe("another name", () => {
  test("is the fleet's and the guest's; the old one is free again", async () => {
    const vpsId = await created({ name: "before" });
    const job = await done(control.fleet.vps.rename({ vpsId, name: "after", actor: ACTOR }));
    expect(job).toMatchObject({ kind: "vps.rename", state: "succeeded" });
    expect(await get(vpsId)).toMatchObject({ generation: 2, spec: { name: "after" } });
    expect(agent.specs.get(vpsId)?.spec.name).toBe("after");
    await created({ name: "before" });
  });

  test("that is taken is refused, and the old one is nobody's while it may have to be given back", async () => {
    const [vpsId] = [await created({ name: "mine" }), await created({ name: "theirs" })];
    const rename = (name: string) => control.fleet.vps.rename({ vpsId, name, actor: ACTOR });
    await expect(rename("theirs")).rejects.toMatchObject({ code: "name_taken", field: "name" });
    await expect(rename("mine")).rejects.toMatchObject({ code: "invalid_input" });
    const hanging = hangsThenFails(new MusterError("engine_failed", "sethostname: EPERM"));
    const { jobId } = await rename("new");
    await hanging.reached;
    await expect(created({ name: "mine" })).rejects.toMatchObject({ code: "name_taken" });
    hanging.fail();
    expect((await ended(control.fleet, jobId)).state).toBe("failed");
    expect((await get(vpsId)).spec.name).toBe("mine");
  });
});
