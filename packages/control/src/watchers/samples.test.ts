import type { NodeSample } from "@muster/model/metrics/sample";
import { expect, test } from "vitest";
import { thinned } from "./samples.ts";

const at = (monotonicMs: number): NodeSample => ({
  bootId: "b",
  observedAtMs: monotonicMs,
  monotonicMs,
  cores: 1,
  cpu: { userUs: 0, niceUs: 0, systemUs: 0, idleUs: 0, iowaitUs: 0, irqUs: 0, softirqUs: 0, stealUs: 0 },
  memoryTotalBytes: 1,
  memoryAvailableBytes: 1,
  nics: [],
  vps: [],
});
const kept = (times: number[]) => thinned(times.map(at), 10_000).map((sample) => sample.monotonicMs);

test("of each ten seconds the last sample is stored; those under way are left for the next time", () => {
  expect(kept([1_000, 9_000, 10_500, 19_900, 20_000, 25_000])).toEqual([9_000, 19_900]);
  expect(kept([25_000, 26_000])).toEqual([]);
  expect(kept([])).toEqual([]);
});

test("a gap costs what was in it and nothing else", () => {
  expect(kept([1_000, 55_000, 61_000])).toEqual([1_000, 55_000]);
});
