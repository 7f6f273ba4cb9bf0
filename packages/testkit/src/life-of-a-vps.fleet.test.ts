/** The one thread through the whole product, with a simulated node at its end: made, watched, used, stopped, deleted. */
import { terminalOutputSchema } from "@muster/agent-api/agent";
import { LIMIT_NAMES } from "@muster/model/limits/registry";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { createTestFleet, ended, eventually, runVps, specOn, type TestFleet, type TestNode } from "./fleet.ts";
import { expectRefusal } from "./refusal.ts";

/** What tRPC's `tracked()` makes before it travels: the event's id, the event, and a mark of its own. */
const trackedSchema = z.tuple([z.string(), terminalOutputSchema]).rest(z.unknown());

let fleet: TestFleet;
let node: TestNode;

beforeAll(async () => {
  fleet = await createTestFleet();
  node = await fleet.addNode("sim-01", 1);
});
afterAll(() => fleet.close());

async function firstOf<Item>(stream: AsyncIterable<Item>, enough: (item: Item) => boolean): Promise<Item> {
  for await (const item of stream) if (enough(item)) return item;
  throw new Error("The stream ended too early.");
}

test("a simulated node says so wherever it is shown", async () => {
  const [shown] = (await fleet.api().nodes.list()).items;
  expect(shown).toMatchObject({ name: "sim-01", simulated: true, health: "healthy" });
  const detail = await fleet.api().nodes.get({ nodeId: node.nodeId });
  expect(detail.inventory?.nics.map((nic) => nic.driver)).toContain("e1000e");
  expect(detail.inventory?.capabilities.every((one) => /simulated/i.test(one.detail))).toBe(true);
});

test("a VPS is created on the suggested address, and its job shows each step as done", async () => {
  const { address } = await fleet.api().vps.suggestAddress({ nodeId: node.nodeId });
  if (address === null) throw new Error("The network is empty and no address was free.");
  const spec = { ...specOn(node, "web", 2), address };
  const { jobId, vpsId } = await fleet.api().vps.create({ nodeId: node.nodeId, spec });
  expect((await fleet.api().vps.get({ vpsId })).state).toMatch(/creating|running/);
  const job = await ended(fleet.fleet(), jobId);
  expect([job.state, job.vpsName, job.nodeName, job.actor]).toEqual(["succeeded", "web", "sim-01", "ada@example.org"]);
  expect(job.steps.map((step) => step.state)).toEqual(job.steps.map(() => "done"));
  const vps = await fleet.api().vps.get({ vpsId });
  expect([vps.state, vps.simulated, vps.spec, vps.holdingJob]).toEqual(["running", true, spec, null]);
  expect((await fleet.api().vps.suggestAddress({ nodeId: node.nodeId })).address).not.toBe(address);
  const { items } = await fleet.api().vps.allocations({ vpsId });
  expect(new Set(items.map((change) => change.limit))).toEqual(new Set(LIMIT_NAMES));
  expect(items.filter((change) => change.from !== undefined)).toEqual([]);
});

test("its traffic and the node's can be watched live", async () => {
  const vpsId = await runVps(fleet, node, specOn(node, "watched", 40));
  const point = await firstOf(await fleet.api().metrics.vpsLive({ vpsId }), (live) => {
    return live.type === "point" && live.point.txBitsPerSecond !== null;
  });
  expect(point).toMatchObject({ type: "point", point: { rxBitsPerSecond: expect.any(Number) } });
  const history = await firstOf(await fleet.api().metrics.nodeLive({ nodeId: node.nodeId }), () => true);
  expect(history.type).toBe("history");
});

test("a command runs in it, and a terminal answers what is typed", async () => {
  const vpsId = await runVps(fleet, node, specOn(node, "inside", 41));
  const said = await fleet.api().vps.exec({ vpsId, argv: ["hostname"], timeoutMs: 5_000 });
  expect(said).toMatchObject({ exitCode: 0, stdout: "inside\n" });
  const { terminalId } = await fleet.api().terminal.open({ vpsId, columns: 80, rows: 24 });
  await fleet.api().terminal.write({ vpsId, terminalId, data: "echo over-the-wire\r" });
  let shown = "";
  await firstOf(await fleet.api().terminal.output({ vpsId, terminalId }), (tracked) => {
    const [, output] = trackedSchema.parse(tracked);
    if (output.type === "data") shown += Buffer.from(output.data, "base64").toString("utf8");
    return shown.split("over-the-wire").length > 2;
  });
  await fleet.api().terminal.close({ vpsId, terminalId });
});

test("it is stopped, started, restarted and deleted, and then nothing of it is left but its history", async () => {
  const vpsId = await runVps(fleet, node, specOn(node, "brief", 42));
  const after = async (call: Promise<{ jobId: string }>) => (await ended(fleet.fleet(), (await call).jobId)).state;
  const stateOf = async () => (await fleet.api().vps.get({ vpsId })).state;
  expect([await after(fleet.api().vps.stop({ vpsId })), await stateOf()]).toEqual(["succeeded", "stopped"]);
  expect([await after(fleet.api().vps.start({ vpsId })), await stateOf()]).toEqual(["succeeded", "running"]);
  const before = (await fleet.api().vps.get({ vpsId })).status?.startedAtMs ?? Number.NaN;
  expect([await after(fleet.api().vps.restart({ vpsId })), await stateOf()]).toEqual(["succeeded", "running"]);
  expect((await fleet.api().vps.get({ vpsId })).status?.startedAtMs).toBeGreaterThan(before);
  expect(await after(fleet.api().vps.delete({ vpsId }))).toBe("succeeded");

  await expectRefusal(fleet.api().vps.get({ vpsId }), "not_found");
  expect((await node.host.node().listVps()).some((status) => status.vpsId === vpsId)).toBe(false);
  const kinds = (await fleet.api().jobs.list({ vpsId, limit: 10 })).items.map((job) => job.kind);
  expect(kinds).toEqual(["vps.delete", "vps.restart", "vps.start", "vps.stop", "vps.create"]);
});

test("ten are created at once, and the tree shows them all", async () => {
  const specs = Array.from({ length: 10 }, (_, index) => specOn(node, `crowd-${index}`, 50 + index));
  const ids = await Promise.all(specs.map((spec) => runVps(fleet, node, spec)));
  await eventually("the tree has them", async () => {
    const [shown] = (await fleet.api().fleet.tree()).nodes;
    return ids.every((id) => shown?.vps.some((vps) => vps.id === id && vps.state === "running"));
  });
  const page = await fleet.api().vps.list({ search: "crowd", limit: 4, sort: { field: "name", direction: "desc" } });
  expect(page.items.map((vps) => vps.spec.name)).toEqual(["crowd-9", "crowd-8", "crowd-7", "crowd-6"]);
  expect(page.total).toBe(10);
});
