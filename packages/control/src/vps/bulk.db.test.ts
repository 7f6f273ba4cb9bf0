/** One form, one job per VPS, and for each that is refused the reason. */
import { MIB } from "@muster/model/units";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BulkAction, BulkResult } from "../fleet.ts";
import type { FakeAgent } from "../testing/fake-agent.ts";
import { ACTOR, createTestFleet, ended, spec, type TestFleet } from "../testing/test-fleet.ts";

let control: TestFleet;
let agent: FakeAgent;
/** Four that run, on two nodes, and one that is stopped. */
let vpsIds: string[];

beforeAll(async () => {
  control = await createTestFleet();
  const one = await control.addNode("one");
  const two = await control.addNode("two", "10.84.0.0/24");
  agent = one.agent;
  const created = await Promise.all(
    ["10.83.0.11", "10.83.0.12", "10.84.0.11", "10.84.0.12", "10.83.0.13"].map((address, index) =>
      control.fleet.vps.create({
        ...{ nodeId: address.startsWith("10.83") ? one.nodeId : two.nodeId, start: index < 4, actor: ACTOR },
        spec: spec({ name: `vps-${index}`, address, limits: { "pids.max": index === 3 ? 99 : 256 } }),
      }),
    ),
  );
  for (const { jobId } of created) expect((await ended(control.fleet, jobId)).state).toBe("succeeded");
  vpsIds = created.map(({ vpsId }) => vpsId);
});
afterAll(() => control.close());

const bulk = (action: BulkAction, ids = vpsIds) => control.fleet.vps.bulk({ vpsIds: ids, action, actor: ACTOR });
const told = (results: BulkResult[]) => results.map((result) => ("jobId" in result ? "job" : result.error.code));
async function allEnd(results: BulkResult[]): Promise<string[]> {
  const jobs = results.flatMap((result) => ("jobId" in result ? [ended(control.fleet, result.jobId)] : []));
  return (await Promise.all(jobs)).map((job) => job.state);
}

test("limits of many: a job each, and the others are told why not, in the order asked", async () => {
  const results = await bulk({ type: "setLimits", limits: { "pids.max": 99 } }, [...vpsIds, "v0000000000"]);
  expect(results.map(({ vpsId }) => vpsId)).toEqual([...vpsIds, "v0000000000"]);
  expect(told(results)).toEqual(["job", "job", "job", "invalid_input", "job", "not_found"]);
  expect(await allEnd(results)).toEqual(["succeeded", "succeeded", "succeeded", "succeeded"]);
  for (const vpsId of vpsIds) expect((await control.fleet.vps.get(vpsId)).spec.limits["pids.max"]).toBe(99);
});

test("what a node has left goes to the first of them, and the rest are told with figures", async () => {
  const limits = { "memory.max": 1400 * MIB };
  const results = await bulk({ type: "setLimits", limits });
  expect(told(results)).toEqual(["job", "job", "job", "job", "overcommitted"]);
  expect(await allEnd(results)).toHaveLength(4);
  const preview = await control.fleet.vps.previewLimits({ vpsIds, limits: { "memory.max": 1500 * MIB } });
  const refusals = preview.vps.map(({ refusal }) => refusal?.code ?? null);
  const asked = await bulk({ type: "setLimits", limits: { "memory.max": 1500 * MIB } });
  expect(asked.map((result) => ("error" in result ? result.error.code : null))).toEqual(refusals);
  await allEnd(asked);
});

test("one that is held is refused by the name of its job; the same one twice is one job", async () => {
  const gate = Promise.withResolvers<void>();
  agent.before.set("stopVps", () => gate.promise);
  const [first = "", second = ""] = vpsIds;
  const { jobId } = await control.fleet.vps.stop({ vpsId: first, actor: ACTOR });
  const results = await bulk({ type: "restart" }, [first, second, second]);
  const [refused, one, same] = results;
  expect(refused).toMatchObject({ error: { code: "busy", message: expect.stringContaining(jobId) } });
  expect(one).toEqual(same);
  agent.before.clear();
  gate.resolve();
  expect(await allEnd(results)).toEqual(["succeeded", "succeeded"]);
  await ended(control.fleet, jobId);
});

test("what is not in a state for it is told so; of two bulks at once each VPS goes to one", async () => {
  const others = vpsIds.slice(1);
  const [one, two] = await Promise.all([bulk({ type: "stop" }, others), bulk({ type: "stop" }, others.toReversed())]);
  const jobs = [...one, ...two].filter((result) => "jobId" in result);
  expect(jobs).toHaveLength(3);
  expect(new Set(jobs.map(({ vpsId }) => vpsId)).size).toBe(3);
  expect([told(one).at(-1), told(two).at(0)]).toEqual(["state_conflict", "state_conflict"]);
  await allEnd([...one, ...two]);
  const results = await bulk({ type: "start" });
  expect(told(results)).toEqual(["job", "job", "job", "job", "job"]);
  expect(new Set(await allEnd(results))).toEqual(new Set(["succeeded"]));
});
