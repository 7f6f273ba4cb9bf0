/** Limits on a simulated node: what goes wrong on order, and counters that keep to them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConfigureVps } from "@muster/agent-api/agent";
import { macOf } from "@muster/model/address";
import { type LimitsChange, limitsWith } from "@muster/model/limits/registry";
import type { NodeSample } from "@muster/model/metrics/sample";
import { GIB, MIB } from "@muster/model/units";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createSteppableClock, type SteppableClock } from "./clock.ts";
import { createSimulatedNode, type SimulatedNode } from "./simulated-node.ts";

const FOREVER = new AbortController().signal;
const VPS = "v0000000001";
let dataDir: string;
let clock: SteppableClock;
let node: SimulatedNode;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "muster-sim-limits-"));
  clock = createSteppableClock();
  node = await open();
});
afterEach(async () => {
  await node.close();
  rmSync(dataDir, { recursive: true });
});

const open = () =>
  createSimulatedNode({ nodeId: "n0000000sim", name: "sim-01", seed: "sim-01", dataDir, latencyScale: 0, clock });

const BORN: LimitsChange = { "memory.max": 64 * MIB, "disk.max": GIB, "pids.max": 64 };
const specOf = (name: string, change: LimitsChange = {}) => ({
  name,
  template: "busybox",
  address: "10.80.0.10",
  limits: limitsWith({ ...BORN, ...change }),
});

async function run(name: string): Promise<void> {
  const spec = specOf(name);
  await node.createVps({ key: "c", vpsId: VPS, epoch: 1, generation: 1, spec, mac: macOf(spec.address) }, FOREVER);
  await node.startVps({ key: "s", vpsId: VPS, epoch: 1 }, FOREVER);
}

function configuration(generation: number, name: string, change: LimitsChange): ConfigureVps {
  return { key: `k${generation}`, vpsId: VPS, epoch: 1, generation, spec: specOf(name, change) };
}

describe("bad luck on order", () => {
  test("sim-fail-limits fails in the middle of a change, and nothing has changed", async () => {
    await run("sim-fail-limits");
    const before = await node.readLimits({ vpsId: VPS });
    const call = configuration(2, "sim-fail-limits", { "cpu.cores": 2, "pids.max": 99 });
    await expect(node.configureVps(call, FOREVER)).rejects.toMatchObject({ code: "engine_failed" });
    expect(await node.readLimits({ vpsId: VPS })).toEqual(before);
    expect((await node.listVps())[0]).toMatchObject({ state: "running", appliedGeneration: 1 });
  });

  test("sim-slow-limits takes as long as its name says", async () => {
    await run("sim-slow-limits-3s");
    const beganAtMs = clock.nowMs();
    const call = configuration(2, "sim-slow-limits-3s", { "pids.max": 99 });
    await clock.stepUntil(node.configureVps(call, FOREVER));
    expect(clock.nowMs() - beganAtMs).toBeGreaterThanOrEqual(3_000);
    expect((await node.readLimits({ vpsId: VPS }))["pids.max"]).toBe(99);
  });

  test("sim-hang-limits ends with its caller's patience, and the VPS can be stopped then", async () => {
    await run("sim-hang-limits");
    const patience = new AbortController();
    const call = node.configureVps(configuration(2, "sim-hang-limits", { "pids.max": 99 }), patience.signal);
    await clock.step(60_000);
    patience.abort();
    await expect(call).rejects.toMatchObject({ code: "deadline_exceeded" });
    expect((await node.readLimits({ vpsId: VPS }))["pids.max"]).toBe(64);
    expect(await node.stopVps({ key: "x", vpsId: VPS, epoch: 1, graceMs: 0 }, FOREVER)).toMatchObject({
      state: "stopped",
    });
  });

  test("sim-fail-stop is not stopped in order, but can be deleted", async () => {
    await run("sim-fail-stop");
    const stop = node.stopVps({ key: "x", vpsId: VPS, epoch: 1, graceMs: 1_000 }, FOREVER);
    await expect(stop).rejects.toMatchObject({ code: "engine_failed" });
    expect((await node.listVps())[0]?.state).toBe("running");
    await node.deleteVps({ key: "d", vpsId: VPS, epoch: 1 }, FOREVER);
    expect(await node.listVps()).toEqual([]);
  });
});

describe("the counters of a VPS", () => {
  const last = async (): Promise<NodeSample["vps"][number]> => {
    const vps = (await node.samples({ afterMonotonicMs: -1 })).at(-1)?.vps[0];
    if (vps === undefined) throw new Error("a sample of the VPS was expected");
    return vps;
  };

  test("keep to its limits in every second, and only grow when these change", async () => {
    await run("web-1");
    await clock.step(60_000);
    const free = await last();
    const limits: LimitsChange = { "nic.egress": 100_000, "nic.ingress": 100_000, "cpu.cores": 0.1 };
    await node.configureVps(configuration(2, "web-1", limits), FOREVER);
    await clock.step(60_000);
    const samples = (await node.samples({ afterMonotonicMs: -1 })).flatMap(({ vps }) => vps);
    const held = samples.slice(-60);
    for (const [index, sample] of samples.entries()) {
      expect(sample.txBytes).toBeGreaterThanOrEqual(samples[index - 1]?.txBytes ?? 0);
      expect(sample.cpuUserUs).toBeGreaterThanOrEqual(samples[index - 1]?.cpuUserUs ?? 0);
    }
    for (const [index, sample] of held.entries()) {
      const before = held[index - 1];
      if (before === undefined) continue;
      expect((sample.txBytes - before.txBytes) * 8).toBeLessThanOrEqual(100_000);
      expect(sample.cpuUserUs + sample.cpuSystemUs - before.cpuUserUs - before.cpuSystemUs).toBeLessThanOrEqual(
        100_000,
      );
    }
    expect((await last()).txBytes).toBeGreaterThan(free.txBytes);
  });

  test("are the same after a restart of the agent, limits that were changed included", async () => {
    await run("web-1");
    await clock.step(10_000);
    await node.configureVps(configuration(2, "web-1", { "nic.egress": 100_000, "memory.max": 32 * MIB }), FOREVER);
    await clock.step(10_000);
    const before = await last();
    await node.close();
    node = await open();
    await clock.step(1_000);
    const after = await last();
    expect(after.txBytes).toBeGreaterThanOrEqual(before.txBytes);
    expect((after.txBytes - before.txBytes) * 8).toBeLessThanOrEqual(200_000);
    expect(after.memoryBytes).toBeLessThanOrEqual(32 * MIB);
  });
});
