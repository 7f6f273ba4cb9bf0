import { expect, test } from "vitest";
import { planAfterDoctor, planBeforeDoctor } from "./host.ts";

const LINUX_ROOT = { platform: "linux", isRoot: true, simulate: null };

test("root on Linux: doctor decides", () => {
  expect(planBeforeDoctor(LINUX_ROOT)).toBeNull();
  expect(planAfterDoctor(0, "all is well")).toEqual({ kind: "real" });
});

test("what doctor misses is passed on, and three simulated nodes start", () => {
  expect(planAfterDoctor(1, "overlay: missing\n\nbtrfs: missing\n")).toEqual({
    kind: "simulated",
    count: 3,
    reasons: ["overlay: missing", "btrfs: missing"],
  });
});

test.each([
  [{ ...LINUX_ROOT, platform: "darwin" }, "darwin"],
  [{ ...LINUX_ROOT, isRoot: false }, "root"],
])("%j cannot run VPSs, and says why", (facts, word) => {
  const plan = planBeforeDoctor(facts);
  expect(plan).toMatchObject({ kind: "simulated", count: 3, reasons: [expect.stringContaining(word)] });
});

test("asked for, simulated nodes need no reason", () => {
  expect(planBeforeDoctor({ ...LINUX_ROOT, simulate: 20 })).toEqual({ kind: "simulated", count: 20, reasons: [] });
});
