/** A stuck job that is set going again finds a VPS that others have gone on with meanwhile. */
import { MusterError } from "@muster/model/errors";
import { GIB } from "@muster/model/units";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { FakeAgent } from "../testing/fake-agent.ts";
import { ACTOR, createTestFleet, ended, eventually, spec, type TestFleet } from "../testing/test-fleet.ts";

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

const fails = () => {
  throw new MusterError("engine_failed", "no");
};
const retry = (jobId: string) => control.fleet.jobs.retry({ jobId, actor: ACTOR });

async function create(): Promise<{ jobId: string; vpsId: string }> {
  number += 1;
  const fresh = spec({ name: `web-${number}`, address: `10.83.0.${20 + number}` });
  return await control.fleet.vps.create({ nodeId, spec: fresh, start: true, actor: ACTOR });
}

test("a create that could not be taken back does not delete a VPS that is in use since", async () => {
  agent.before.set("startVps", fails);
  agent.before.set("deleteVps", fails);
  const { jobId, vpsId } = await create();
  expect((await ended(control.fleet, jobId)).state).toBe("stuck");
  agent.before.clear();
  const started = await control.fleet.vps.start({ vpsId, actor: ACTOR });
  expect((await ended(control.fleet, started.jobId)).state).toBe("succeeded");

  await expect(retry(jobId)).rejects.toMatchObject({
    code: "state_conflict",
    message: expect.stringContaining(started.jobId),
  });
  expect(agent.placements.get(vpsId)).toMatchObject({ state: "running" });
  expect(await control.fleet.jobs.get(jobId)).toMatchObject({
    state: "failed",
    advice: null,
    error: { code: "engine_failed" },
  });
});

test("a change of limits that could not be taken back is taken back after a restart, and not after another change", async () => {
  const { jobId: creating, vpsId } = await create();
  expect((await ended(control.fleet, creating)).state).toBe("succeeded");
  const setPids = async (pids: number) => {
    const { jobId } = await control.fleet.vps.setLimits({ vpsId, limits: { "pids.max": pids }, actor: ACTOR });
    return await ended(control.fleet, jobId);
  };
  const pidsNow = async () => (await control.fleet.vps.get(vpsId)).spec.limits["pids.max"];
  agent.before.set("configureVps", fails);
  const first = await setPids(100);
  expect(first.state).toBe("stuck");
  agent.before.clear();
  const { jobId } = await control.fleet.vps.restart({ vpsId, actor: ACTOR });
  expect((await ended(control.fleet, jobId)).state).toBe("succeeded");
  await retry(first.id);
  expect(await ended(control.fleet, first.id)).toMatchObject({
    state: "failed",
    error: { code: "engine_failed" },
    cancelRequested: false,
  });
  expect(await pidsNow()).toBe(256);

  agent.before.set("configureVps", fails);
  const second = await setPids(100);
  agent.before.clear();
  const third = await setPids(200);
  expect([second.state, third.state]).toEqual(["stuck", "succeeded"]);
  await expect(retry(second.id)).rejects.toMatchObject({ message: expect.stringContaining(third.id) });
  expect((await control.fleet.jobs.get(second.id)).state).toBe("failed");
  expect(await pidsNow()).toBe(200);
  expect(agent.specs.get(vpsId)?.spec.limits["pids.max"]).toBe(200);
});

test("a change after one whose taking back was applied and not answered is not refused as old by its node", async () => {
  const { jobId: creating, vpsId } = await create();
  expect((await ended(control.fleet, creating)).state).toBe("succeeded");
  const setPids = async (pids: number) => {
    const { jobId } = await control.fleet.vps.setLimits({ vpsId, limits: { "pids.max": pids }, actor: ACTOR });
    return await ended(control.fleet, jobId);
  };
  agent.before.set("configureVps", fails);
  expect((await setPids(100)).state).toBe("stuck");
  agent.before.clear();
  // The node has gone on by itself: it applied what it could not answer for, and says so at its next status.
  const had = agent.specs.get(vpsId);
  const placement = agent.placements.get(vpsId);
  if (had === undefined || placement === undefined) throw new Error("the node does not have it");
  const ahead = (await control.fleet.vps.get(vpsId)).generation + 2;
  agent.specs.set(vpsId, { ...had, generation: ahead });
  const status = { ...placement, appliedGeneration: ahead, statusSeq: placement.statusSeq + 1 };
  agent.placements.set(vpsId, status);
  agent.report(status);
  await eventually(async () => (await control.fleet.vps.get(vpsId)).status?.appliedGeneration === ahead);
  expect(await setPids(200)).toMatchObject({ state: "succeeded", error: null });
});

/** A VPS with 256 processes; `setPids` asks for others and waits for the job's end. */
async function limited() {
  const { jobId: creating, vpsId } = await create();
  expect((await ended(control.fleet, creating)).state).toBe("succeeded");
  const setPids = async (pids: number) => {
    const { jobId } = await control.fleet.vps.setLimits({ vpsId, limits: { "pids.max": pids }, actor: ACTOR });
    return await ended(control.fleet, jobId);
  };
  const expectPids = async (pids: number) => {
    const { spec: now, generation } = await control.fleet.vps.get(vpsId);
    expect(now.limits["pids.max"]).toBe(pids);
    expect(agent.specs.get(vpsId)).toMatchObject({ generation, spec: { limits: { "pids.max": pids } } });
  };
  return { vpsId, setPids, expectPids };
}

/** The next change is refused by its node; taking it back is let through. */
function refuseOnce(): void {
  agent.before.set("configureVps", () => {
    agent.before.clear();
    throw new MusterError("below_use", "It has 150 processes.");
  });
}

test("a stuck change of limits is taken back though a later one has been asked of the node and taken back since", async () => {
  const { setPids, expectPids } = await limited();
  agent.before.set("configureVps", fails);
  const first = await setPids(100);
  refuseOnce();
  const second = await setPids(50);
  expect([first.state, second.state]).toEqual(["stuck", "failed"]);
  await expectPids(100); // as the second one had found it
  await retry(first.id);
  expect(await ended(control.fleet, first.id)).toMatchObject({ state: "failed", error: { code: "engine_failed" } });
  await expectPids(256);
  expect((await setPids(200)).state).toBe("succeeded");
});

test("what its node answered to a taking back is not taken for so after a later change: it is asked anew", async () => {
  const { vpsId, setPids, expectPids } = await limited();
  const { configureVps } = agent;
  agent.configureVps = async (...call) => {
    await configureVps(...call);
    throw new MusterError("engine_failed", "The answer was lost.");
  };
  const first = await setPids(100);
  agent.configureVps = configureVps;
  expect(first.state).toBe("stuck");
  expect(agent.specs.get(vpsId)?.spec.limits["pids.max"]).toBe(256); // only the answer is missing
  refuseOnce();
  expect((await setPids(50)).state).toBe("failed");
  await expectPids(100);
  await retry(first.id);
  expect((await ended(control.fleet, first.id)).state).toBe("failed");
  await expectPids(256);
});

test("of two stuck changes of limits the later one brings nothing back that was taken back with the earlier one", async () => {
  const { setPids, expectPids } = await limited();
  agent.before.set("configureVps", fails);
  const [first, second] = [await setPids(100), await setPids(50)];
  agent.before.clear();
  expect([first.state, second.state]).toEqual(["stuck", "stuck"]);
  await retry(first.id);
  expect((await ended(control.fleet, first.id)).state).toBe("failed");
  await expect(retry(second.id)).rejects.toMatchObject({ message: expect.stringContaining(first.id) });
  expect((await control.fleet.jobs.get(second.id)).state).toBe("failed");
  await expectPids(256);
});

test("what is stuck over a VPS that was deleted meanwhile ends by itself, and waits for nobody", async () => {
  const { jobId: creating, vpsId } = await create();
  expect((await ended(control.fleet, creating)).state).toBe("succeeded");
  agent.before.set("configureVps", fails);
  const { jobId } = await control.fleet.vps.setLimits({ vpsId, limits: { "pids.max": 100 }, actor: ACTOR });
  expect((await ended(control.fleet, jobId)).state).toBe("stuck");
  agent.before.clear();
  const deleting = await control.fleet.vps.delete({ vpsId, actor: ACTOR });
  expect((await ended(control.fleet, deleting.jobId)).state).toBe("succeeded");
  await eventually(async () => (await control.fleet.jobs.get(jobId)).state === "failed");
  expect(await control.fleet.jobs.get(jobId)).toMatchObject({ advice: null, error: { code: "engine_failed" } });
});

test("what a stuck change of limits may have to be given back is promised to nobody else", async () => {
  const { jobId: creating, vpsId } = await create();
  expect((await ended(control.fleet, creating)).state).toBe("succeeded");
  const setDisk = async (gib: number) => {
    const { jobId } = await control.fleet.vps.setLimits({ vpsId, limits: { "disk.max": gib * GIB }, actor: ACTOR });
    return await ended(control.fleet, jobId);
  };
  expect((await setDisk(40)).state).toBe("succeeded");
  agent.before.set("configureVps", fails);
  const { id: jobId, state } = await setDisk(1);
  expect(state).toBe("stuck");
  agent.before.clear();
  const large = spec({ name: "large", address: "10.83.0.90", limits: { "disk.max": 30 * GIB } });
  const createLarge = () => control.fleet.vps.create({ nodeId, spec: large, start: false, actor: ACTOR });
  await expect(createLarge()).rejects.toMatchObject({ code: "overcommitted" });
  await retry(jobId);
  expect((await ended(control.fleet, jobId)).state).toBe("failed");
  expect((await setDisk(1)).state).toBe("succeeded");
  const { jobId: creatingLarge } = await createLarge();
  expect((await ended(control.fleet, creatingLarge)).state).toBe("succeeded");
});

test("what a stuck change of limits held back is free after another change, though nobody has retried it", async () => {
  const { jobId: creating, vpsId } = await create();
  expect((await ended(control.fleet, creating)).state).toBe("succeeded");
  const setDisk = async (gib: number) => {
    const { jobId } = await control.fleet.vps.setLimits({ vpsId, limits: { "disk.max": gib * GIB }, actor: ACTOR });
    return await ended(control.fleet, jobId);
  };
  const promised = async () => (await control.fleet.nodes.get(nodeId)).shares?.promised.disk ?? 0;
  expect((await setDisk(9)).state).toBe("succeeded");
  const others = (await promised()) - 9 * GIB;
  agent.before.set("configureVps", fails);
  expect((await setDisk(1)).state).toBe("stuck");
  agent.before.clear();
  expect(await promised()).toBe(others + 9 * GIB);
  expect((await setDisk(2)).state).toBe("succeeded");
  expect(await promised()).toBe(others + 2 * GIB);
});
