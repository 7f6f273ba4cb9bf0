import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { counterRate, elapsedBetween, nodeRate, nodeRateSchema, vpsRate, vpsRateSchema } from "./rate.ts";
import type { CpuCounters, NicSample, NodeSample, VpsSample } from "./sample.ts";

const INTERVAL_MS = 1_000;
const NO_RATE = { rxBitsPerSecond: null, txBitsPerSecond: null };
const CPU_KEYS = ["userUs", "niceUs", "systemUs", "idleUs", "iowaitUs", "irqUs", "softirqUs", "stealUs"] as const;

function cpuOf(us: number): CpuCounters {
  return {
    userUs: us,
    niceUs: us,
    systemUs: us,
    idleUs: us,
    iowaitUs: us,
    irqUs: us,
    softirqUs: us,
    stealUs: us,
  };
}

function nicOf(name: string, bytes: number): NicSample {
  return {
    name,
    rxBytes: bytes,
    txBytes: bytes,
    rxPackets: bytes,
    txPackets: bytes,
    rxErrors: 0,
    txErrors: 0,
    rxDropped: 0,
    txDropped: 0,
  };
}

function vpsOf(vpsId: string, us: number): VpsSample {
  return {
    vpsId,
    runId: "run-1",
    cpuUserUs: us,
    cpuSystemUs: us,
    memoryBytes: 1,
    pids: 1,
    rxBytes: us,
    txBytes: us,
    rxPackets: us,
    txPackets: us,
  };
}

function sampleOf(over: Partial<NodeSample> = {}): NodeSample {
  return {
    bootId: "boot-1",
    observedAtMs: 1_700_000_000_000,
    monotonicMs: 10_000,
    cores: 2,
    cpu: cpuOf(1_000_000),
    memoryTotalBytes: 1_000,
    memoryAvailableBytes: 400,
    nics: [nicOf("eth0", 1_000)],
    vps: [vpsOf("v0000000001", 1_000)],
    ...over,
  };
}

const counter = fc.integer({ min: 0, max: 2 ** 50 });
const cpu: fc.Arbitrary<CpuCounters> = fc.record({
  userUs: counter,
  niceUs: counter,
  systemUs: counter,
  idleUs: counter,
  iowaitUs: counter,
  irqUs: counter,
  softirqUs: counter,
  stealUs: counter,
});
const nic: fc.Arbitrary<NicSample> = fc.record({
  name: fc.constantFrom("eth0", "eth1", "bond0", "__proto__", "constructor"),
  rxBytes: counter,
  txBytes: counter,
  rxPackets: counter,
  txPackets: counter,
  rxErrors: counter,
  txErrors: counter,
  rxDropped: counter,
  txDropped: counter,
});
const vps: fc.Arbitrary<VpsSample> = fc.record({
  vpsId: fc.constantFrom("v0000000001", "v0000000002", "v0000000003"),
  runId: fc.constantFrom("run-1", "run-2"),
  cpuUserUs: counter,
  cpuSystemUs: counter,
  memoryBytes: counter,
  pids: counter,
  rxBytes: counter,
  txBytes: counter,
  rxPackets: counter,
  txPackets: counter,
});
const sample: fc.Arbitrary<NodeSample> = fc.record({
  bootId: fc.constantFrom("boot-1", "boot-2"),
  observedAtMs: fc.integer({ min: 0, max: 2 ** 42 }),
  monotonicMs: fc.integer({ min: 0, max: 5_000 }),
  cores: fc.integer({ min: 1, max: 64 }),
  cpu,
  memoryTotalBytes: counter,
  memoryAvailableBytes: counter,
  nics: fc.uniqueArray(nic, { selector: (one) => one.name, maxLength: 4 }),
  vps: fc.uniqueArray(vps, { selector: (one) => one.vpsId, maxLength: 3 }),
});

/** Two samples of one boot, one second apart, whose counters only grew. */
const pair = fc.tuple(sample, cpu, fc.integer({ min: 1, max: 2_500 })).map(([before, grown, elapsedMs]) => {
  const later = cpuOf(0);
  for (const key of CPU_KEYS) later[key] = before.cpu[key] + (grown[key] % 10_000_000);
  const after: NodeSample = { ...before, monotonicMs: before.monotonicMs + elapsedMs, cpu: later };
  return { before, after, elapsedMs };
});

function sum(values: readonly (number | null)[]): number {
  return values.reduce<number>((total, value) => total + (value ?? Number.NaN), 0);
}

describe("any two samples", () => {
  test("make rates that are null or not negative, never NaN or infinite", () => {
    fc.assert(
      fc.property(sample, sample, (before, after) => {
        nodeRateSchema.parse(nodeRate(before, after, INTERVAL_MS));
        for (const vpsId of ["v0000000001", "v0000000009"]) {
          vpsRateSchema.parse(vpsRate(vpsId, { before, after, intervalMs: INTERVAL_MS }));
        }
      }),
    );
  });

  test("name every NIC of the later one and no other", () => {
    fc.assert(
      fc.property(sample, sample, (before, after) => {
        const names = Object.keys(nodeRate(before, after, INTERVAL_MS).nics);
        expect(names.toSorted()).toEqual(after.nics.map((one) => one.name).toSorted());
      }),
    );
  });

  test("give the same rates in whatever order the NICs and VPSs stand", () => {
    fc.assert(
      fc.property(sample, sample, (before, after) => {
        const turned = { ...before, nics: before.nics.toReversed(), vps: before.vps.toReversed() };
        expect(nodeRate(turned, after, INTERVAL_MS)).toEqual(nodeRate(before, after, INTERVAL_MS));
      }),
    );
  });
});

describe("the shares of the CPU", () => {
  test("add up to what the node spent, whatever the VPSs claim", () => {
    fc.assert(
      fc.property(pair, fc.array(vps, { maxLength: 3 }), ({ before, after, elapsedMs }, claimed) => {
        const rates = nodeRate(before, { ...after, vps: claimed }, INTERVAL_MS).cpu;
        const spentUs = sum(CPU_KEYS.map((key) => after.cpu[key] - before.cpu[key]));
        expect(sum(Object.values(rates))).toBeCloseTo(spentUs / 1_000 / elapsedMs, 6);
      }),
    );
  });

  test("halve when the same work took twice the time", () => {
    const before = sampleOf();
    const after = (monotonicMs: number) => sampleOf({ monotonicMs, cpu: cpuOf(1_400_000) });
    const once = nodeRate(before, after(11_000), INTERVAL_MS).cpu;
    const slower = nodeRate(before, after(12_000), INTERVAL_MS).cpu;
    expect(once.softirqCores).toBeCloseTo(0.4);
    expect(slower.softirqCores).toBeCloseTo(0.2);
  });

  test("count a VPS that started in between from its zero", () => {
    const before = sampleOf({ vps: [] });
    const after = sampleOf({ monotonicMs: 11_000, cpu: cpuOf(1_400_000), vps: [vpsOf("v0000000002", 100_000)] });
    expect(nodeRate(before, after, INTERVAL_MS).cpu.vpsCores).toBeCloseTo(0.2);
  });

  test("believe a VPS that one sample missed no more than the node spent", () => {
    const before = sampleOf({ vps: [] });
    const after = sampleOf({ monotonicMs: 11_000, cpu: cpuOf(1_100_000), vps: [vpsOf("v0000000002", 3_600_000_000)] });
    expect(nodeRate(before, after, INTERVAL_MS).cpu.vpsCores).toBeCloseTo(0.4);
  });

  test("are null where a counter that only grows went back", () => {
    const after = sampleOf({ monotonicMs: 11_000, cpu: { ...cpuOf(2_000_000), userUs: 0 } });
    expect(nodeRate(sampleOf(), after, INTERVAL_MS).cpu.vpsCores).toBeNull();
  });

  test("read idle time that went back by a tick as none spent", () => {
    const after = sampleOf({ monotonicMs: 11_000, cpu: { ...cpuOf(1_000_000), idleUs: 990_000 } });
    expect(nodeRate(sampleOf(), after, INTERVAL_MS).cpu.idleCores).toBe(0);
  });
});

describe("nothing is invented", () => {
  const grown = (over: Partial<NodeSample>) =>
    sampleOf({ monotonicMs: 11_000, nics: [nicOf("eth0", 9_000)], vps: [vpsOf("v0000000001", 9_000)], ...over });
  const gaps: [string, NodeSample][] = [
    ["a reboot", grown({ bootId: "boot-2" })],
    ["a gap", grown({ monotonicMs: 10_000 + 2_501 })],
    ["a clock that stood still", grown({ monotonicMs: 10_000 })],
    ["a clock that went back", grown({ monotonicMs: 9_000 })],
    ["counters that were reset", grown({ nics: [nicOf("eth0", 10)], vps: [vpsOf("v0000000001", 10)] })],
  ];

  test.each(gaps)("across %s the rates of NIC and VPS are null", (_name, after) => {
    const before = sampleOf();
    expect(nodeRate(before, after, INTERVAL_MS).nics).toEqual({ eth0: NO_RATE });
    const rate = vpsRate("v0000000001", { before, after, intervalMs: INTERVAL_MS });
    expect(rate).toMatchObject({ rxBitsPerSecond: null, txBitsPerSecond: null, cpuCores: null });
  });

  test("an interface whose rx counter was reset has no tx rate either", () => {
    const after = grown({ nics: [{ ...nicOf("eth0", 9_000), rxBytes: 0 }] });
    expect(nodeRate(sampleOf(), after, INTERVAL_MS).nics).toEqual({ eth0: NO_RATE });
  });

  test("a restarted VPS has no rate until it has two samples of its new run", () => {
    const after = grown({ vps: [{ ...vpsOf("v0000000001", 9_000), runId: "run-2" }] });
    const rate = vpsRate("v0000000001", { before: sampleOf(), after, intervalMs: INTERVAL_MS });
    expect(rate).toMatchObject({ cpuCores: null, rxBitsPerSecond: null, memoryBytes: 1 });
  });

  test("a VPS that is gone has neither rate nor memory", () => {
    const rate = vpsRate("v0000000001", { before: sampleOf(), after: grown({ vps: [] }), intervalMs: INTERVAL_MS });
    expect(rate).toMatchObject({ cpuCores: null, memoryBytes: null });
  });

  test("memory that is more available than there is in all reads as none used", () => {
    expect(nodeRate(sampleOf(), grown({ memoryAvailableBytes: 2_000 }), INTERVAL_MS).memoryUsedBytes).toBe(0);
  });
});

test("8,000 bytes in one second are 64,000 bit/s, in and out apart", () => {
  const after = sampleOf({ monotonicMs: 11_000, nics: [{ ...nicOf("eth0", 9_000), txBytes: 1_000 }] });
  const rates = nodeRate(sampleOf(), after, INTERVAL_MS);
  expect(rates.nics).toEqual({ eth0: { rxBitsPerSecond: 64_000, txBitsPerSecond: 0 } });
});

test("the rate of a counter scales with it", () => {
  const grown = fc.integer({ min: 0, max: 2 ** 40 });
  fc.assert(
    fc.property(grown, grown, fc.integer({ min: 1, max: 10_000 }), (start, more, elapsedMs) => {
      const once = counterRate(start, start + more, elapsedMs) ?? Number.NaN;
      const twice = counterRate(start, start + 2 * more, elapsedMs) ?? Number.NaN;
      expect(twice).toBeCloseTo(2 * once, 3);
    }),
  );
});

test("two and a half intervals are no gap yet", () => {
  expect(elapsedBetween(sampleOf(), sampleOf({ monotonicMs: 12_500 }), INTERVAL_MS)).toBe(2_500);
  expect(elapsedBetween(sampleOf(), sampleOf({ monotonicMs: 12_501 }), INTERVAL_MS)).toBeNull();
});
