import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { testSample } from "@muster/agent-api/test-agent";
import { nodeSampleSchema } from "@muster/model/metrics/sample";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { statField } from "./held-memory.ts";
import { startSampling } from "./live-samples.ts";
import { createNodeSampler, type SampledRun } from "./node-sampler.ts";
import { createSampleRing } from "./sample-ring.ts";

/** A slow machine takes longer than the default second. */
const soon = <T>(look: () => T) => expect.poll(look, { timeout: 4_000 });

const VPS = "v0123456789";
const FILES = {
  "proc/stat": [
    "cpu  100 2 30 4000 5 6 7 8 0 0",
    "cpu0 50 1 15 2000 2 3 3 4 0 0",
    "cpu1 50 1 15 2000 3 3 4 4 0 0",
    "intr 123 0 0",
    "ctxt 1",
  ].join("\n"),
  "proc/meminfo": "MemTotal:       24684096 kB\nMemFree:        1 kB\nMemAvailable:   20000000 kB\n",
  "proc/net/dev": [
    "Inter-|   Receive                                                |  Transmit",
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed",
    "    lo: 8666382   12803    0    0    0     0          0         0  8666382   12803    0    0    0     0       0          0",
    "  eth0:1000 10 1 2 0 0 0 0 2000 20 3 4 0 0 0 0",
    "bond0.5: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0",
    `${VPS}: 111 11 0 0 0 0 0 0 222 22 0 0 0 0 0 0`,
  ].join("\n"),
  "cgroup/muster/v0123456789/cpu.stat": "usage_usec 30\nuser_usec 10\nsystem_usec 20\nnr_periods 5\n",
  "cgroup/muster/v0123456789/memory.current": "5000000\n",
  "cgroup/muster/v0123456789/memory.stat": "anon 1\nfile 1500000\nshmem 500000\nfile_mapped 3\n",
  "cgroup/muster/v0123456789/pids.current": "4\n",
  "cgroup/cpuacct/muster/v0123456789/cpuacct.usage_user": "10999\n",
  "cgroup/cpuacct/muster/v0123456789/cpuacct.usage_sys": "20000\n",
  "cgroup/memory/muster/v0123456789/memory.usage_in_bytes": "5000000\n",
  "cgroup/memory/muster/v0123456789/memory.stat": "cache 5\nshmem 5\ntotal_cache 1500000\ntotal_shmem 500000\n",
  "cgroup/pids/muster/v0123456789/pids.current": "4\n",
};

let root: string;
const write = (path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "muster-samplers-"));
  for (const [path, text] of Object.entries(FILES)) write(path, text);
});
afterEach(() => rmSync(root, { recursive: true }));

function sampler(running: () => readonly SampledRun[], layout: "v1-hybrid" | "v2" = "v2") {
  return createNodeSampler({
    bootId: "boot",
    running,
    cgroupOf: (vpsId) => ({ layout, path: `/muster/${vpsId}`, mount: join(root, "cgroup") }),
    proc: join(root, "proc"),
  });
}

describe("a sample", () => {
  const run = { vpsId: VPS, runId: "1" };

  it("has the node's counters, and no VPS among its NICs", () => {
    const sample = nodeSampleSchema.parse(sampler(() => []).take());
    expect(sample.cores).toBe(2);
    expect(sample.cpu).toEqual({
      userUs: 1_000_000,
      niceUs: 20_000,
      systemUs: 300_000,
      idleUs: 40_000_000,
      iowaitUs: 50_000,
      irqUs: 60_000,
      softirqUs: 70_000,
      stealUs: 80_000,
    });
    expect(sample.memoryTotalBytes).toBe(24_684_096 * 1024);
    expect(sample.nics.map(({ name }) => name)).toEqual(["lo", "eth0", "bond0.5"]);
    expect(sample.nics[1]).toEqual({
      name: "eth0",
      rxBytes: 1000,
      rxPackets: 10,
      rxErrors: 1,
      rxDropped: 2,
      txBytes: 2000,
      txPackets: 20,
      txErrors: 3,
      txDropped: 4,
    });
  });

  it.each(["v1-hybrid", "v2"] as const)(
    "reads a VPS the same way in cgroup %s, with its traffic turned round",
    (layout) => {
      const [vps] = nodeSampleSchema.parse(sampler(() => [run], layout).take()).vps;
      expect(vps).toEqual({
        ...run,
        cpuUserUs: 10,
        cpuSystemUs: 20,
        memoryBytes: 4_000_000,
        pids: 4,
        rxBytes: 222,
        rxPackets: 22,
        txBytes: 111,
        txPackets: 11,
      });
    },
  );

  it("is without a VPS whose cgroup or interface is gone, and has it again when they are back", () => {
    const { take } = sampler(() => [run, { vpsId: "v9999999999", runId: "1" }]);
    expect(take().vps).toHaveLength(1);
    rmSync(join(root, "cgroup/muster"), { recursive: true });
    // The open files of a directory that was removed still answer, here as in tmpfs; a cgroup's answer ENODEV.
    write("proc/net/dev", "a\nb\neth0: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0");
    expect(take().vps).toHaveLength(0);
    for (const [path, text] of Object.entries(FILES)) write(path, text);
    expect(take().vps).toHaveLength(1);
  });

  it("opens the files of a VPS anew when it was restarted", () => {
    let running = [run];
    const { take } = sampler(() => running);
    take();
    rmSync(join(root, "cgroup/muster"), { recursive: true });
    for (const [path, text] of Object.entries(FILES)) write(path, text.replace("user_usec 10", "user_usec 3"));
    running = [{ ...run, runId: "2" }];
    expect(take().vps[0]).toMatchObject({ runId: "2", cpuUserUs: 3 });
  });

  it("never has a clock that goes back", () => {
    const { take } = sampler(() => []);
    const times = [take(), take(), take()].map(({ monotonicMs }) => monotonicMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(new Set(times).size).toBe(3);
  });
});

describe("statField", () => {
  it("takes whole names only", () => {
    expect(statField("total_x 5\nx 7\n", "x")).toBe(7);
    expect(statField("x 7\n", "x")).toBe(7);
    expect(statField("xy 7\n", "x")).toBe(0);
  });
});

describe("the ring", () => {
  it("keeps the last, oldest first, and gives those after a time", () => {
    const ring = createSampleRing(3);
    for (const at of [1, 2, 3, 4]) ring.push(testSample(at));
    expect(ring.after(0).map(({ monotonicMs }) => monotonicMs)).toEqual([2, 3, 4]);
    expect(ring.after(3).map(({ monotonicMs }) => monotonicMs)).toEqual([4]);
    expect(ring.after(4)).toEqual([]);
  });

  it("packs what is older, and gives it back as it was", () => {
    const ring = createSampleRing(7, 3);
    for (let at = 1; at <= 11; at += 1) ring.push(testSample(at, 2));
    expect(ring.after(0).map(({ monotonicMs }) => monotonicMs)).toEqual([5, 6, 7, 8, 9, 10, 11]);
    expect(ring.after(0)[0]).toEqual(testSample(5, 2));
    expect(ring.after(6).map(({ monotonicMs }) => monotonicMs)).toEqual([7, 8, 9, 10, 11]);
  });

  it("tells every watcher what came since it asked, and ends on its abort", async () => {
    const ring = createSampleRing();
    const stop = new AbortController();
    const watched = ring.watch(stop.signal);
    ring.push(testSample(1));
    const seen: number[] = [];
    setTimeout(() => ring.push(testSample(2)), 10);
    for await (const sample of watched) {
      seen.push(sample.monotonicMs);
      if (seen.length === 2) stop.abort();
    }
    expect(seen).toEqual([1, 2]);
    for await (const _ of ring.watch(stop.signal)) expect.unreachable();
  });

  it("drops the oldest for a watcher that does not read", async () => {
    const ring = createSampleRing();
    const watched = ring.watch(AbortSignal.timeout(5000));
    for (let at = 1; at <= 100; at += 1) ring.push(testSample(at));
    for await (const first of watched) {
      expect(first.monotonicMs).toBe(41);
      break;
    }
  });
});

describe("sampling", () => {
  it("goes on after a second that failed, and stops when told", async () => {
    const failures: unknown[] = [];
    let taken = 0;
    const take = () => {
      taken += 1;
      if (taken === 2) throw new Error("unreadable");
      return testSample(taken);
    };
    const samples = startSampling(take, (error) => failures.push(error), 20);
    await soon(() => samples.after(0).length).toBeGreaterThan(2);
    samples.close();
    expect(failures).toHaveLength(1);
    const before = taken;
    await sleep(60);
    expect(taken).toBe(before);
  });
});
