import { MIB } from "@muster/model/units";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ACTOR, createTestFleet, ended, spec, type TestFleet } from "../testing/test-fleet.ts";

let test1: TestFleet;
let nodeId: string;

beforeAll(async () => {
  test1 = await createTestFleet();
  ({ nodeId } = await test1.addNode("alpha"));
});
afterAll(() => test1.close());

const create = (overrides = {}) => test1.fleet.vps.create({ nodeId, spec: spec(overrides), start: true, actor: ACTOR });

describe("the life of a VPS", () => {
  test("is created, stopped, started, restarted and deleted, each as a job whose steps are told", async () => {
    const { jobId, vpsId } = await create();
    const job = await ended(test1.fleet, jobId);
    expect(job).toMatchObject({
      kind: "vps.create",
      state: "succeeded",
      actor: ACTOR,
      vpsId,
      vpsName: "web-1",
      nodeName: "alpha",
    });
    expect(job.steps.map((step) => [step.name, step.state])).toEqual([
      ["reserve", "done"],
      ["prepare", "done"],
      ["start", "done"],
    ]);
    expect(await test1.fleet.vps.get(vpsId)).toMatchObject({
      state: "running",
      holdingJob: null,
      generation: 1,
      epoch: 1,
    });
    for (const [operation, state] of [
      ["stop", "stopped"],
      ["start", "running"],
      ["restart", "running"],
    ] as const) {
      const { jobId: next } = await test1.fleet.vps[operation]({ vpsId, actor: ACTOR });
      expect((await ended(test1.fleet, next)).state).toBe("succeeded");
      expect((await test1.fleet.vps.get(vpsId)).state).toBe(state);
    }
    const { jobId: last } = await test1.fleet.vps.delete({ vpsId, actor: ACTOR });
    expect((await ended(test1.fleet, last)).state).toBe("succeeded");
    await expect(test1.fleet.vps.get(vpsId)).rejects.toMatchObject({ code: "not_found" });
    expect((await test1.fleet.jobs.list({ vpsId, limit: 10 })).items.map((one) => one.kind)).toEqual([
      "vps.delete",
      "vps.restart",
      "vps.start",
      "vps.stop",
      "vps.create",
    ]);
    const allocations = await test1.fleet.vps.allocations(vpsId);
    expect(allocations).toContainEqual(
      expect.objectContaining({ resource: "memoryBytes", from: null, to: 64 * MIB, actor: ACTOR }),
    );
  });
});
