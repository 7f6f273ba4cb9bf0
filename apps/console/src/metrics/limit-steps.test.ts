import type { AllocationChange, PlacementStatus } from "@muster/model/vps";
import { expect, test } from "vitest";
import { stepsOf, usedNow, withLimit } from "./limit-steps.ts";

const used = (atMs: number, value: number | null) => ({ atMs, values: { used: value } });
const change = (at: number, to: AllocationChange["to"]): AllocationChange => ({
  id: `a${at}`,
  at: new Date(at).toISOString(),
  actor: "ada@example.org",
  limit: "cpu.cores",
  to,
  until: null,
  jobId: null,
});

test("steps are told oldest first, of the one limit alone", () => {
  const changes = [change(9_000, 4), { ...change(5_000, 7), limit: "pids.max" as const }, change(1_000, 2)];
  expect(stepsOf(changes, "cpu.cores")).toEqual([
    { atMs: 1_000, value: 2 },
    { atMs: 9_000, value: 4 },
  ]);
  expect(stepsOf([{ ...change(1_000, [0, 1, 5]), limit: "cpu.pinning" }], "cpu.pinning")).toEqual([
    { atMs: 1_000, value: 3 },
  ]);
});

test("a change is a step, and the use beside it has no gap there", () => {
  const drawn = withLimit({
    points: [used(1_000, 1), used(2_000, 3)],
    steps: [
      { atMs: 0, value: 2 },
      { atMs: 1_500, value: 4 },
    ],
    intervalMs: 1_000,
    window: { fromMs: 1_000, toMs: 2_500 },
  });
  expect(drawn.map(({ atMs, values }) => [atMs, values["limit"]])).toEqual([
    [1_000, 2],
    [1_499, 2],
    [1_500, 4],
    [2_000, 4],
    [2_500, 4],
  ]);
  expect(drawn.map(({ values }) => values["used"])).toEqual([1, 1.998, 2, 3, 3]);
});

test("what is not known stays unknown: before the first change, across a gap, long after the last sample", () => {
  const drawn = withLimit({
    points: [used(1_000, 1), used(2_000, null), used(3_000, 1)],
    steps: [{ atMs: 2_500, value: null }],
    intervalMs: 1_000,
    window: { fromMs: 1_000, toMs: 60_000 },
  });
  expect(drawn.at(0)?.values["limit"]).toBeNull();
  expect(drawn.find(({ atMs }) => atMs === 2_500)?.values).toEqual({ limit: null, used: null });
  expect(drawn.at(-1)).toEqual({ atMs: 60_000, values: { limit: null, used: null } });
});

test("the disk that is in use is told as it is now, and not of a silent node", () => {
  const status: PlacementStatus = {
    vpsId: "v0000000001",
    statusSeq: 1,
    epoch: 1,
    appliedGeneration: 1,
    state: "stopped",
    reason: null,
    startedAtMs: null,
    diskUsedBytes: 4096,
    observedAtMs: 0,
  };
  expect(usedNow("disk", { state: "stopped", status })).toBe(4096);
  expect(usedNow("disk", { state: "unknown", status })).toBeNull();
  expect(usedNow("memory", { state: "stopped", status })).toBeNull();
});
