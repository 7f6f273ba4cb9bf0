/** How a node joins and leaves, as jobs; what is remembered of it, and who is not let in again. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createFakeAgent, type FakeAgent } from "../testing/fake-agent.ts";
import { ACTOR, createTestFleet, ended, eventually, spec, type TestFleet } from "../testing/test-fleet.ts";

let control: TestFleet;

beforeAll(async () => {
  control = await createTestFleet();
});
afterAll(() => control.close());

/** Claims a token as an agent does. @param answers whether its agent can be reached at its address. */
async function claim(hostname: string, { answers, protocol }: { answers: boolean; protocol?: number }) {
  const { token } = await control.fleet.enrolment.createToken({ actor: ACTOR });
  const request = { token, publicKeySha256: hostname, hostname, address: "127.0.0.1:1", simulated: false };
  const again = () =>
    control.fleet.enrolment.claim(request, async (id) => {
      const agent = control.agents.get(id) ?? createFakeAgent({ nodeId: id });
      agent.alive = answers;
      control.agents.set(id, agent);
      const described = await createFakeAgent({ nodeId: id }).describe();
      if (protocol !== undefined) agent.describe = async () => ({ ...described, protocolVersion: protocol });
      return "certificate";
    });
  return { ...(await again()), again };
}

const enrolments = async (nodeId: string) =>
  (await control.fleet.jobs.list({ nodeId, kinds: ["node.enrol"], limit: 10 })).items;

function agentOf(nodeId: string): FakeAgent {
  const agent = control.agents.get(nodeId);
  if (agent === undefined) throw new Error("there is no such agent");
  return agent;
}

describe("a node that joins", () => {
  test("is a job in the history, in the name of who made the token, and is known whole when it has ended", async () => {
    const { nodeId, name } = await claim("joins", { answers: true });
    const [job] = await enrolments(nodeId);
    expect(job).toMatchObject({ kind: "node.enrol", actor: ACTOR, nodeName: name, vpsId: null });
    expect(await ended(control.fleet, job?.id ?? "")).toMatchObject({
      state: "succeeded",
      steps: [
        { name: "admit", state: "done" },
        { name: "greet", state: "done" },
        { name: "stock", state: "done", output: { templates: 1 } },
      ],
    });
    expect(await control.fleet.nodes.get(nodeId)).toMatchObject({ cores: 4, templates: [{ name: "busybox" }] });
  });

  test("and asks again, since the answer was lost, makes no second job", async () => {
    const { nodeId, again } = await claim("twice", { answers: true });
    expect((await again()).nodeId).toBe(nodeId);
    expect(await enrolments(nodeId)).toHaveLength(1);
  });

  test("and falls silent has its job wait for it, past the point of no return", async () => {
    const { nodeId } = await claim("late", { answers: false });
    const [job] = await enrolments(nodeId);
    const id = job?.id ?? "";
    await eventually(async () => (await control.fleet.jobs.get(id)).state === "running");
    await expect(control.fleet.jobs.cancel({ jobId: id, actor: ACTOR })).rejects.toMatchObject({
      code: "state_conflict",
    });
    agentOf(nodeId).alive = true;
    expect(await ended(control.fleet, id)).toMatchObject({ state: "succeeded" });
  });
});

describe("a node that can never be greeted", () => {
  const stuck = {
    state: "stuck",
    committed: true,
    steps: [{ state: "done" }, { state: "failed" }, { state: "skipped" }],
  };

  test("leaves its job stuck with what to do about it, and goes on where it stood when that was done", async () => {
    const { nodeId } = await claim("older", { answers: true, protocol: 1 });
    const [job] = await enrolments(nodeId);
    const jobId = job?.id ?? "";
    const advice = expect.stringContaining("then retry; or remove the node");
    const error = { code: "protocol_mismatch" };
    expect(await ended(control.fleet, jobId)).toMatchObject({ ...stuck, error, advice });
    expect((await control.fleet.nodes.list()).map(({ id }) => id)).toContain(nodeId);
    agentOf(nodeId).describe = createFakeAgent({ nodeId }).describe;
    expect(await control.fleet.jobs.retry({ jobId, actor: ACTOR })).toEqual({ jobId });
    expect(await ended(control.fleet, jobId)).toMatchObject({ state: "succeeded", advice: null });
  });

  test("may be removed, and then its job waits for nobody any more", async () => {
    const { nodeId } = await claim("never", { answers: true, protocol: 1 });
    const [job] = await enrolments(nodeId);
    expect(await ended(control.fleet, job?.id ?? "")).toMatchObject(stuck);
    const { jobId } = await control.fleet.nodes.remove({ nodeId, forgetVps: false, actor: ACTOR });
    expect(await ended(control.fleet, jobId)).toMatchObject({ state: "succeeded" });
    await eventually(async () => (await enrolments(nodeId))[0]?.state === "failed");
    expect(await enrolments(nodeId)).toMatchObject([{ advice: null, error: { code: "protocol_mismatch" } }]);
  });
});

describe("a node that is removed", () => {
  const remove = (nodeId: string, forgetVps = false) => control.fleet.nodes.remove({ nodeId, forgetVps, actor: ACTOR });
  const vpsOn = async (nodeId: string, name: string, address: string) => {
    const request = { nodeId, spec: { ...spec(), name, address }, start: true, actor: ACTOR };
    const { jobId, vpsId } = await control.fleet.vps.create(request);
    await ended(control.fleet, jobId);
    return vpsId;
  };

  test("must have no VPS, unless they are forgotten with it; they go on running there", async () => {
    const { nodeId, agent } = await control.addNode("leaves", "10.84.0.0/24");
    const vpsId = await vpsOn(nodeId, "stays", "10.84.0.20");
    await expect(remove(nodeId)).rejects.toMatchObject({
      code: "state_conflict",
      message: expect.stringContaining("leaves has 1 VPS"),
    });
    const job = await ended(control.fleet, (await remove(nodeId, true)).jobId);
    expect(job).toMatchObject({ state: "succeeded", kind: "node.remove", nodeName: "leaves" });
    await expect(control.fleet.nodes.get(nodeId)).rejects.toMatchObject({ code: "not_found" });
    await expect(control.fleet.vps.get(vpsId)).rejects.toMatchObject({ code: "not_found" });
    expect(agent.placements.get(vpsId)).toMatchObject({ state: "running" });
    expect(await control.fleet.jobs.list({ nodeId, limit: 10 })).toMatchObject({
      items: expect.arrayContaining([expect.objectContaining({ kind: "vps.create", vpsName: "stays" })]),
    });
  });

  test("may be silent for ever", async () => {
    const { nodeId, agent } = await control.addNode("burnt", "10.85.0.0/24");
    await vpsOn(nodeId, "ash", "10.85.0.20");
    agent.alive = false;
    expect(await ended(control.fleet, (await remove(nodeId, true)).jobId)).toMatchObject({ state: "succeeded" });
    expect((await control.fleet.nodes.list()).map(({ id }) => id)).not.toContain(nodeId);
  });

  test("is held by a job on one of its VPSs, which is named", async () => {
    const { nodeId, agent } = await control.addNode("works", "10.86.0.0/24");
    const vpsId = await vpsOn(nodeId, "worker", "10.86.0.20");
    const gate = Promise.withResolvers<void>();
    agent.before.set("stopVps", () => gate.promise);
    const { jobId } = await control.fleet.vps.stop({ vpsId, actor: ACTOR });
    await expect(remove(nodeId, true)).rejects.toMatchObject({
      code: "busy",
      message: `Stop VPS is under way on worker (job ${jobId}).`,
    });
    gate.resolve();
    await ended(control.fleet, jobId);
    expect(await ended(control.fleet, (await remove(nodeId, true)).jobId)).toMatchObject({ state: "succeeded" });
  });

  test("is not let in again with what it has: neither with its old token nor by announcing itself", async () => {
    const { nodeId, again } = await claim("banned", { answers: true });
    const [job] = await enrolments(nodeId);
    await ended(control.fleet, job?.id ?? "");
    await ended(control.fleet, (await remove(nodeId)).jobId);
    await expect(again()).rejects.toMatchObject({ code: "token_invalid" });
    const announced = { nodeId, address: "127.0.0.1:1", hostname: "banned", simulated: false };
    await expect(control.fleet.enrolment.announce(announced)).rejects.toMatchObject({ code: "forbidden" });
    expect((await claim("banned", { answers: true })).nodeId).not.toBe(nodeId);
  });
});

test("a policy of over-commit is the node's own, and holds from then on", async () => {
  const { nodeId } = await control.addNode("policy", "10.87.0.0/24");
  const overcommit = { cpu: 2, memory: 1.5, disk: null };
  await control.fleet.nodes.setOvercommit({ nodeId, overcommit, actor: ACTOR });
  expect((await control.fleet.nodes.get(nodeId)).overcommit).toEqual(overcommit);
  const unknown = control.fleet.nodes.setOvercommit({ nodeId: "n0000000000", overcommit, actor: ACTOR });
  await expect(unknown).rejects.toMatchObject({ code: "not_found" });
});
