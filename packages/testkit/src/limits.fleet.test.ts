/** Limits through the whole product, over simulated nodes: asked of the API, held by the node, and told as they are. */
import { MIB } from "@muster/model/units";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestFleet, ended, eventually, runVps, specOn, type TestFleet, type TestNode } from "./fleet.ts";
import { expectRefusal } from "./refusal.ts";

let fleet: TestFleet;
let node: TestNode;

beforeAll(async () => {
  fleet = await createTestFleet();
  node = await fleet.addNode("sim-01");
});
afterAll(() => fleet.close());

const api = () => fleet.api().vps;
const jobOf = async (asked: Promise<{ jobId: string }>) => await ended(fleet.fleet(), (await asked).jobId);

describe("a change of limits", () => {
  test("is held by the node, running all the while, and again after the server was restarted", async () => {
    const vpsId = await runVps(fleet, node, specOn(node, "grows", 10));
    const { startedAtMs } = (await api().get({ vpsId })).status ?? {};
    const limits = { "cpu.cores": 2, "memory.max": 128 * MIB, "nic.egress": 5_000_000, "io.write.bytes": 2 * MIB };
    expect((await jobOf(api().setLimits({ vpsId, limits }))).state).toBe("succeeded");
    expect(await api().readLimits({ vpsId })).toMatchObject(limits);
    const heardAt = async () => (await fleet.api().nodes.get({ nodeId: node.nodeId })).observedAt;
    await fleet.restart();
    const before = await heardAt();
    await eventually("the new server has heard the node itself", async () => (await heardAt()) !== before);
    const vps = await api().get({ vpsId });
    expect(vps.spec.limits).toMatchObject(limits);
    expect(vps.status).toMatchObject({ startedAtMs, appliedGeneration: vps.generation });
    expect(await api().readLimits({ vpsId })).toMatchObject(limits);
  });

  test("that the node's kernel refuses leaves spec, node and history as they were", async () => {
    const vpsId = await runVps(fleet, node, specOn(node, "sim-fail-limits", 11));
    const before = [
      await api().readLimits({ vpsId }),
      (await api().get({ vpsId })).spec,
      await api().allocations({ vpsId }),
    ];
    const job = await jobOf(api().setLimits({ vpsId, limits: { "cpu.cores": 2, "pids.max": 99 } }));
    expect([job.state, job.error?.code]).toEqual(["failed", "engine_failed"]);
    const { spec, holdingJob } = await api().get({ vpsId });
    expect([await api().readLimits({ vpsId }), spec, await api().allocations({ vpsId })]).toEqual(before);
    expect(holdingJob).toBeNull();
  });

  test("of one that hangs can be cancelled, and is taken back", async () => {
    const vpsId = await runVps(fleet, node, specOn(node, "sim-slow-limits-4s", 12));
    const { jobId } = await api().setLimits({ vpsId, limits: { "pids.max": 99 } });
    await eventually("it is at work", async () => (await fleet.fleet().jobs.get(jobId)).steps[1]?.state === "running");
    await expectRefusal(api().setLimits({ vpsId, limits: { "pids.max": 98 } }), "busy");
    await fleet.api().jobs.cancel({ jobId });
    expect((await ended(fleet.fleet(), jobId)).state).toBe("cancelled");
    expect((await api().get({ vpsId })).spec.limits["pids.max"]).toBe(128);
    expect(await api().readLimits({ vpsId })).toMatchObject({ "pids.max": 128 });
  });

  test("asked of many is a job each, and a reason for each that is refused", async () => {
    const vpsIds = await Promise.all(
      [20, 21, 22].map((last) => runVps(fleet, node, specOn(node, `many-${last}`, last))),
    );
    const stopped = await jobOf(api().stop({ vpsId: vpsIds[2] ?? "" }));
    expect(stopped.state).toBe("succeeded");
    const { results } = await api().bulk({ vpsIds: [...vpsIds, "vzzzzzzzzzz"], action: { type: "restart" } });
    expect(results.map((result) => ("jobId" in result ? "job" : result.error.code))).toEqual([
      ...["job", "job"],
      ...["state_conflict", "not_found"],
    ]);
    for (const result of results) {
      if ("jobId" in result) expect((await ended(fleet.fleet(), result.jobId)).state).toBe("succeeded");
    }
  });
});

describe("before a change", () => {
  test("the node's headroom is told with what is really used, and what would be refused", async () => {
    const vpsId = await runVps(fleet, node, specOn(node, "looks", 30));
    const ask = (limits: object) => api().previewLimits({ vpsIds: [vpsId], limits });
    const headroomOf = async (resource: string) =>
      (await ask({})).nodes[0]?.headroom.find((one) => one.resource === resource);
    await eventually("use is known", async () => ((await headroomOf("cpu"))?.used ?? null) !== null, 40_000);
    expect(await headroomOf("memory")).toMatchObject({ used: expect.any(Number) });
    const { shares } = await fleet.api().nodes.get({ nodeId: node.nodeId });
    const grown = await ask({ "memory.max": 192 * MIB });
    expect(grown.vps).toEqual([{ vpsId, name: "looks", refusal: null }]);
    expect(grown.nodes[0]?.headroom[1]).toMatchObject({
      promisedBefore: shares?.promised.memory,
      promisedAfter: (shares?.promised.memory ?? 0) + 128 * MIB,
    });
    const greedy = await ask({ "memory.max": 2 ** 40 });
    const refusal = greedy.vps[0]?.refusal;
    expect(refusal).toMatchObject({ code: "overcommitted", field: "memory.max" });
    const sentence = await expectRefusal(
      api().setLimits({ vpsId, limits: { "memory.max": 2 ** 40 } }),
      "overcommitted",
    );
    expect(sentence).toBe(refusal?.message);
  });
});
