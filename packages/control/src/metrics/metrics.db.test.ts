import { type NodeRate, nodeRate, type VpsRate } from "@muster/model/metrics/rate";
import type { NodeSample } from "@muster/model/metrics/sample";
import { afterAll, beforeAll, expect, test } from "vitest";
import { databaseAccess } from "../database-access.ts";
import type { Live } from "../fleet.ts";
import { testDatabaseAt } from "../testing/database-access.ts";
import type { FakeAgent } from "../testing/fake-agent.ts";
import { ACTOR, createTestFleet, ended, eventually, spec, type TestFleet } from "../testing/test-fleet.ts";
import { ratesOf } from "./day.ts";
import { createMetricsStore } from "./store.ts";

let control: TestFleet;
let nodeId: string;
let vpsId: string;
let agent: FakeAgent;
const NOW = Date.now();

/** One second's work of a node with one VPS that receives 1,000 bytes a second. */
function sample(second: number, overrides: Partial<NodeSample> = {}): NodeSample {
  const none = { niceUs: 0, iowaitUs: 0, irqUs: 0, stealUs: 0 };
  const quiet = { rxPackets: 0, txPackets: 0, txBytes: 0 };
  const errors = { rxErrors: 0, txErrors: 0, rxDropped: 0, txDropped: 0 };
  return {
    bootId: "boot-1",
    observedAtMs: NOW + second * 1000,
    monotonicMs: 1_000_000 + second * 1000,
    cores: 2,
    cpu: {
      userUs: second * 500_000,
      systemUs: second * 100_000,
      softirqUs: second * 50_000,
      idleUs: second * 1_350_000,
      ...none,
    },
    memoryTotalBytes: 4_000,
    memoryAvailableBytes: 3_000,
    nics: [{ name: "eth0", rxBytes: second * 2_000, ...quiet, ...errors }],
    vps: [
      {
        vpsId,
        runId: "r1",
        cpuUserUs: second * 250_000,
        cpuSystemUs: 0,
        memoryBytes: 64,
        pids: 3,
        rxBytes: second * 1_000,
        ...quiet,
      },
    ],
    ...overrides,
  };
}

beforeAll(async () => {
  control = await createTestFleet();
  ({ nodeId, agent } = await control.addNode("alpha"));
  const created = await control.fleet.vps.create({ nodeId, spec: spec(), start: true, actor: ACTOR });
  vpsId = created.vpsId;
  await ended(control.fleet, created.jobId);
});
afterAll(() => control.close());

test("the last day: one point a minute, a gap is null, and no rate is invented across a reboot", async () => {
  const database = testDatabaseAt(control.url);
  const metrics = createMetricsStore(databaseAccess(database));
  const minutes = [-600, -540, -480, -240, -180].map((second) =>
    sample(second + 10_000, { observedAtMs: NOW + second * 1000 }),
  );
  const rebooted = sample(0, { bootId: "boot-2", observedAtMs: NOW - 120_000 });
  await metrics.add(nodeId, [...minutes, rebooted]);
  await metrics.add(nodeId, minutes);
  const node = await control.fleet.metrics.nodeDay(nodeId);
  expect(node.points.map((point) => point.nics["eth0"]?.rxBitsPerSecond)).toEqual([16_000, 16_000, null, 16_000, null]);
  expect(node.points[0]?.cpu).toEqual({
    vpsCores: 0.25,
    softirqCores: 0.05,
    systemCores: 0.1,
    restCores: 0.25,
    idleCores: 1.35,
  });
  const vps = await control.fleet.metrics.vpsDay(vpsId);
  expect(vps.points.map((point) => point.rxBitsPerSecond)).toEqual([8_000, 8_000, null, 8_000, null]);
  expect(vps.points[0]?.cpuCores).toBe(0.25);
  await database.close();
});

test("what the VPSs used together is the same, added up by the database or by the model", async () => {
  const other = await control.addNode("beta", "10.88.0.0/24");
  const used = (name: string, runId: string, cpuUserUs: number) => ({
    ...{ vpsId: `v000000000${name}`, runId, cpuUserUs, cpuSystemUs: cpuUserUs / 2, memoryBytes: 1, pids: 1 },
    ...{ rxBytes: 0, txBytes: 0, rxPackets: 0, txPackets: 0 },
  });
  const lives = [
    [used("a", "1", 9_000_000), used("b", "1", 5_000_000)],
    [used("a", "1", 15_000_000), used("b", "1", 6_000_000), used("c", "1", 2_000_000)],
    [used("b", "2", 1_000_000), used("c", "1", 4_000_000)],
    [],
    [used("b", "3", 3_000_000)],
    [used("b", "3", 30_000_000), used("a", "2", 0)],
  ];
  const samples = lives.map((vps, index) =>
    sample(20_000 + index * 60, { vps, observedAtMs: NOW - 3_600_000 + index * 60_000 }),
  );
  const database = testDatabaseAt(control.url);
  await createMetricsStore(databaseAccess(database)).add(other.nodeId, samples);
  const expected = ratesOf(samples, (before, after) => nodeRate(before, after, 60_000).cpu.vpsCores);
  expect(expected.every((cores) => cores !== null)).toBe(true);
  const { points } = await control.fleet.metrics.nodeDay(other.nodeId);
  expect(points.map((point) => point.cpu.vpsCores)).toEqual(expected);
  await database.close();
});

test("live: the agent's last minutes first, then a point for every sample, one stream for all who look", async () => {
  for (const second of [1, 2, 3]) agent.addSample(sample(second));
  const stop = new AbortController();
  const node: Live<NodeRate>[] = [];
  const vps: Live<VpsRate>[] = [];
  const gather = async <Item>(items: AsyncIterable<Item>, into: Item[]) => {
    for await (const item of items) into.push(item);
  };
  const watching = [
    gather(control.fleet.metrics.nodeLive(nodeId, stop.signal), node),
    gather(control.fleet.metrics.vpsLive(vpsId, stop.signal), vps),
  ];
  await eventually(() => node.length === 1 && vps.length === 1);
  expect(node[0]).toMatchObject({
    type: "history",
    points: [{ cpu: { vpsCores: 0.25 } }, { cpu: { vpsCores: 0.25 } }],
  });
  expect(vps[0]).toMatchObject({ type: "history", points: [{ rxBitsPerSecond: 8_000 }, { rxBitsPerSecond: 8_000 }] });
  agent.addSample(sample(4));
  await eventually(() => node.length === 2 && vps.length === 2);
  expect(vps[1]).toMatchObject({ type: "point", point: { rxBitsPerSecond: 8_000, cpuCores: 0.25 } });
  stop.abort();
  agent.addSample(sample(5));
  await Promise.all(watching);
});

test("what came while nobody looked is stored every ten seconds, also from before the server was there", async () => {
  for (let second = 6; second <= 45; second += 1) agent.addSample(sample(second));
  const database = testDatabaseAt(control.url);
  const metrics = createMetricsStore(databaseAccess(database));
  const stored = async () =>
    (await metrics.read(nodeId, { fromMs: NOW - 1_000, toMs: NOW + 60_000, intervalMs: 1_000 })).length;
  await eventually(async () => (await stored()) >= 4, 25_000);
  await database.close();
});

test("partitions are made ahead and dropped when their day has passed", async () => {
  const database = testDatabaseAt(control.url);
  const metrics = createMetricsStore(databaseAccess(database));
  const dayMs = 86_400_000;
  expect(await metrics.keepPartitions(NOW, 1)).toBe(0);
  expect(await metrics.keepPartitions(NOW + dayMs, 1)).toBe(6);
  expect(await metrics.keepPartitions(NOW + dayMs, 1)).toBe(0);
  await database.close();
});
