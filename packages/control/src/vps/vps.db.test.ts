import { MIB } from "@muster/model/units";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ACTOR, createTestFleet, ended, spec, type TestFleet } from "../testing/test-fleet.ts";

let control: TestFleet;
let nodeId: string;

beforeAll(async () => {
  control = await createTestFleet();
  ({ nodeId } = await control.addNode("alpha"));
});
afterAll(() => control.close());

const create = (overrides = {}) =>
  control.fleet.vps.create({ nodeId, spec: spec(overrides), start: true, actor: ACTOR });

describe("the life of a VPS", () => {
  test("is created, stopped, started, restarted and deleted, each as a job whose steps are told", async () => {
    const { jobId, vpsId } = await create();
    const job = await ended(control.fleet, jobId);
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
    for (const { startedAt, endedAt } of job.steps) {
      expect(Date.parse(endedAt ?? "")).toBeGreaterThanOrEqual(Date.parse(startedAt ?? ""));
    }
    expect(await control.fleet.vps.get(vpsId)).toMatchObject({
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
      const { jobId: next } = await control.fleet.vps[operation]({ vpsId, actor: ACTOR });
      expect((await ended(control.fleet, next)).state).toBe("succeeded");
      expect((await control.fleet.vps.get(vpsId)).state).toBe(state);
    }
    const { jobId: last } = await control.fleet.vps.delete({ vpsId, actor: ACTOR });
    expect((await ended(control.fleet, last)).state).toBe("succeeded");
    await expect(control.fleet.vps.get(vpsId)).rejects.toMatchObject({ code: "not_found" });
    expect((await control.fleet.jobs.list({ vpsId, limit: 10 })).items.map((one) => one.kind)).toEqual([
      "vps.delete",
      "vps.restart",
      "vps.start",
      "vps.stop",
      "vps.create",
    ]);
    const allocations = await control.fleet.vps.allocations(vpsId);
    expect(allocations).toContainEqual(
      expect.objectContaining({ limit: "memory.max", to: 64 * MIB, actor: ACTOR, until: null }),
    );
  });
});
