/** The counters of a real VPS under a real load, held against what was put in. */
import type { VpsSample } from "@muster/model/metrics/sample";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findLayout } from "../engine/cgroups.ts";
import { createTrialNode, inside, type TrialNode } from "../trial/trial-node.ts";
import type { Placements } from "../vps/placements.ts";
import { createNodeSampler, type NodeSampler } from "./node-sampler.ts";

/** A slow machine takes longer than the default second. */
const soon = <T>(look: () => T) => expect.poll(look, { timeout: 15_000 });

let node: TrialNode;
let placements: Placements;
let sampler: NodeSampler;
let vpsId: string;
let address: string;
const never = new AbortController().signal;
const MIB = 1024 * 1024;

beforeAll(async () => {
  node = await createTrialNode();
  placements = await node.boot();
  const creation = node.creation(1);
  vpsId = creation.vpsId;
  address = creation.spec.address;
  await placements.create(creation, never);
  await placements.start({ key: "start", vpsId, epoch: 1 }, never);
  const layout = findLayout("/sys/fs/cgroup");
  sampler = createNodeSampler({
    bootId: "boot",
    running: () =>
      placements.running().map(({ plan, pid, startedAtMs }) => ({ vpsId: plan.vpsId, runId: `${pid}-${startedAtMs}` })),
    cgroupOf: (id) => ({ layout, path: `/muster/${id}` }),
  });
});
afterAll(async () => {
  sampler?.close();
  await placements?.close();
  await node?.clean();
});

async function sampled(): Promise<VpsSample> {
  await soon(() => sampler.take().vps.length).toBe(1);
  const [sample] = sampler.take().vps;
  if (sample === undefined) throw new Error("the VPS is not in the sample");
  return sample;
}

it("counts what a VPS sends as sent, and what it gets as received", async () => {
  await inside(node, vpsId, "sh", "-c", "head -c 8000000 /dev/zero > /var/www/big");
  const before = await sampled();
  const body = await (await fetch(`http://${address}/big`)).arrayBuffer();
  expect(body.byteLength).toBe(8_000_000);
  const after = await sampled();
  expect(after.txBytes - before.txBytes).toBeGreaterThan(8_000_000);
  expect(after.txBytes - before.txBytes).toBeLessThan(9_000_000);
  expect(after.rxBytes - before.rxBytes).toBeLessThan(1_000_000);
});

it("counts the CPU time that a VPS used, to the millisecond", async () => {
  const before = await sampled();
  const script = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; times";
  const { stdout } = await inside(node, vpsId, "sh", "-c", script);
  const after = await sampled();
  const [, minutes = "0", seconds = "0"] = /^(\d+)m([\d.]+)s/.exec(stdout) ?? [];
  const userMs = (Number(minutes) * 60 + Number(seconds)) * 1000;
  const countedMs = (after.cpuUserUs - before.cpuUserUs) / 1000;
  expect(userMs).toBeGreaterThan(20);
  expect(countedMs).toBeGreaterThan(userMs * 0.8);
  expect(countedMs).toBeLessThan(userMs + 500); // runc's own start-up inside the cgroup is the VPS's too
});

it("counts memory that is held, and not the cache of files", async () => {
  const before = await sampled();
  await inside(node, vpsId, "sh", "-c", "head -c 20000000 /dev/zero > /dev/shm/held");
  const after = await sampled();
  expect(after.memoryBytes - before.memoryBytes).toBeGreaterThan(18 * MIB);
  await inside(node, vpsId, "sh", "-c", "rm /dev/shm/held; cat /var/www/big /var/www/big > /dev/null");
  expect((await sampled()).memoryBytes).toBeLessThan(before.memoryBytes + 4 * MIB);
});

it("begins a new run when the VPS is started again, and is without it while it is stopped", async () => {
  const before = await sampled();
  await placements.stop({ key: "stop", vpsId, epoch: 1, graceMs: 0 }, never);
  expect(sampler.take().vps).toEqual([]);
  await placements.start({ key: "start-2", vpsId, epoch: 1 }, never);
  const after = await sampled();
  expect(after.runId).not.toBe(before.runId);
  expect(after.txBytes).toBeLessThan(before.txBytes);
});

it("costs less than two milliseconds of CPU a sample", async () => {
  for (let warm = 0; warm < 50; warm += 1) sampler.take();
  const before = process.cpuUsage();
  for (let count = 0; count < 200; count += 1) sampler.take();
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 200).toBeLessThan(2000);
});
