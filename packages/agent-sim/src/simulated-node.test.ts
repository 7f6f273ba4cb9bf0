import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CreateVps } from "@muster/agent-api/agent";
import { macOf } from "@muster/model/address";
import { limitsWith } from "@muster/model/limits/registry";
import { nodeRate, vpsRate } from "@muster/model/metrics/rate";
import { GIB, MIB } from "@muster/model/units";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createSteppableClock } from "./clock.ts";
import { createSimulatedNode, type SimulatedNode, type SimulatedNodeOptions } from "./simulated-node.ts";

const FOREVER = new AbortController().signal;
let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "muster-sim-node-"));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

function open(over: Partial<SimulatedNodeOptions> = {}): Promise<SimulatedNode> {
  return createSimulatedNode({
    nodeId: "n0000000sim",
    name: "sim-01",
    seed: "sim-01",
    dataDir,
    latencyScale: 0,
    ...over,
  });
}

let calls = 0;
function placed(vpsId: string) {
  calls += 1;
  return { key: `call-${calls}`, vpsId, epoch: 1 };
}

function createInput(n: number, name = `web-${n}`): CreateVps {
  const vpsId = `v${String(n).padStart(10, "0")}`;
  const address = `10.80.0.${n + 9}`;
  const limits = limitsWith({ "cpu.cores": 1, "memory.max": 64 * MIB, "disk.max": GIB, "pids.max": 64 });
  const spec = { name, template: "busybox", address, limits };
  return { ...placed(vpsId), generation: 1, spec, mac: macOf(address) };
}

async function createAndStart(node: SimulatedNode, n: number, name?: string): Promise<string> {
  const { vpsId } = await node.createVps(createInput(n, name), FOREVER);
  await node.startVps(placed(vpsId), FOREVER);
  return vpsId;
}

describe("a simulated node", () => {
  test("says that it is simulated wherever it describes itself", async () => {
    const node = await open();
    const inventory = await node.inventory();
    expect((await node.describe()).simulated).toBe(true);
    expect(inventory.pool?.kind).toBe("simulated");
    expect(inventory.cpu.model).toMatch(/^Simulated/);
    expect(inventory.capabilities.every((capability) => /simulated/i.test(capability.detail))).toBe(true);
    await node.close();
  });

  test("is the same node with the same VPSs after a restart, and its counters have gone on", async () => {
    const clock = createSteppableClock();
    const first = await open({ clock });
    const vpsId = await createAndStart(first, 1);
    await clock.step(2_000);
    const [, before] = await first.samples({ afterMonotonicMs: -1 });
    const inventory = await first.inventory();
    await first.close();

    await clock.step(60_000);
    const second = await open({ clock });
    expect(await second.inventory()).toEqual(inventory);
    expect((await second.listVps()).map(({ vpsId: id, state }) => [id, state])).toEqual([[vpsId, "running"]]);
    expect(await second.samples({ afterMonotonicMs: -1 })).toEqual([]); // it had no agent meanwhile: a gap is a gap
    await clock.step(1_000);
    const [after] = await second.samples({ afterMonotonicMs: -1 });
    expect(after?.vps[0]?.txBytes).toBeGreaterThan(before?.vps[0]?.txBytes ?? Number.NaN);
    expect(after?.vps[0]?.runId).toBe(before?.vps[0]?.runId);
    await second.close();
  });

  test("counts on its port and its CPU what its VPSs count", async () => {
    const clock = createSteppableClock();
    const node = await open({ clock });
    const vpsIds = await Promise.all([1, 2, 3].map((n) => createAndStart(node, n)));
    await clock.step(3_000);
    const [before, after] = (await node.samples({ afterMonotonicMs: -1 })).slice(-2);
    if (before === undefined || after === undefined) throw new Error("two samples were expected");
    const pair = { before, after, intervalMs: 1_000 };
    const whole = nodeRate(before, after, 1_000);
    const parts = vpsIds.map((vpsId) => vpsRate(vpsId, pair));
    const sum = (values: (number | null)[]) =>
      values.reduce<number>((total, value) => total + (value ?? Number.NaN), 0);
    const [production] = Object.values(whole.nics);
    expect(sum(parts.map((part) => part.txBitsPerSecond))).toBeLessThan(production?.txBitsPerSecond ?? 0);
    expect(whole.cpu.vpsCores).toBeCloseTo(sum(parts.map((part) => part.cpuCores)), 6);
    expect(sum(Object.values(whole.cpu))).toBeCloseTo(before.cores, 3);
    await node.close();
  });

  test("keeps counting on its port when a busy VPS has stopped and been forgotten", async () => {
    const clock = createSteppableClock();
    const node = await open({ clock });
    const vpsId = await createAndStart(node, 1);
    await clock.step(3_600_000);
    const [before] = (await node.samples({ afterMonotonicMs: -1 })).slice(-1);
    await node.stopVps({ ...placed(vpsId), graceMs: 0 }, FOREVER);
    await clock.step(3_600_000);
    await createAndStart(node, 2);
    const [after] = (await node.samples({ afterMonotonicMs: -1 })).slice(-1);
    expect(after?.nics[0]?.txBytes).toBeGreaterThan(before?.nics[0]?.txBytes ?? Number.NaN);
    expect(after?.cpu.userUs).toBeGreaterThan(before?.cpu.userUs ?? Number.NaN);
    await node.close();
  });
});

describe("bad luck on order", () => {
  test.each([
    ["sim-fail-create", "engine_failed"],
    ["sim-pool-full", "pool_full"],
    ["sim-disk-full-2", "disk_full"],
  ])("%s fails with %s and leaves nothing", async (name, code) => {
    const node = await open();
    await expect(node.createVps(createInput(1, name), FOREVER)).rejects.toMatchObject({ code });
    expect(await node.listVps()).toEqual([]);
    await node.close();
  });

  test("sim-fail-start is made and stays stopped", async () => {
    const node = await open();
    await expect(createAndStart(node, 1, "sim-fail-start")).rejects.toMatchObject({ code: "engine_failed" });
    expect((await node.listVps())[0]?.state).toBe("stopped");
    await node.close();
  });

  test("sim-slow-stop does not obey and is killed when its grace is over", async () => {
    const clock = createSteppableClock();
    const node = await open({ clock });
    const vpsId = await createAndStart(node, 1, "sim-slow-stop");
    const beganAtMs = clock.nowMs();
    await clock.stepUntil(node.stopVps({ ...placed(vpsId), graceMs: 5_000 }, FOREVER));
    expect(clock.nowMs() - beganAtMs).toBeGreaterThanOrEqual(5_000);
    await node.close();
  });

  test("sim-dies is found stopped after five seconds, and a watcher is told", async () => {
    const clock = createSteppableClock();
    const node = await open({ clock });
    await createAndStart(node, 1, "sim-dies");
    const stop = new AbortController();
    const watching = node.watchVps(stop.signal)[Symbol.asyncIterator]().next();
    await clock.step(7_000);
    expect((await watching).value?.state).toBe("stopped");
    stop.abort();
    await node.close();
  });
});

describe("an agent that is killed in the middle of a create", () => {
  test("leaves nothing behind once it is started again, and the same key then makes the VPS", async () => {
    const clock = createSteppableClock();
    const first = await open({ clock });
    const input = createInput(1, "sim-slow-create");
    let answered = false;
    void first.createVps(input, FOREVER).finally(() => {
      answered = true;
    });
    await vi.waitFor(async () => expect((await first.listVps())[0]?.state).toBe("preparing"));
    await clock.step(1_000);
    first.crash();
    await clock.step(60_000);
    expect(answered).toBe(false);

    const second = await open({ clock });
    expect(await second.listVps()).toEqual([]);
    const retried = await clock.stepUntil(second.createVps(input, FOREVER), 1_000);
    expect(retried.state).toBe("stopped");
    await second.close();
  });
});
