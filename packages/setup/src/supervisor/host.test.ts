import { expect, test } from "vitest";
import { planAfterDoctor, planBeforeDoctor } from "./host.ts";

const LINUX_ROOT = { platform: "linux", isRoot: true, simulate: null };

test("root on Linux: doctor decides", () => {
  expect(planBeforeDoctor(LINUX_ROOT)).toBeNull();
  expect(planAfterDoctor(0, "all is well")).toEqual({ kind: "real" });
});

test("what doctor misses is passed on, and three simulated nodes start", () => {
  const report = "Debian, Linux 6\nyes  network  Bridges work.\nno   overlay  There is no overlayfs.\n";
  expect(planAfterDoctor(1, report)).toEqual({
    kind: "simulated",
    count: 3,
    reasons: ["missing: overlay  There is no overlayfs."],
  });
});

test("a doctor that breaks off is quoted", () => {
  expect(planAfterDoctor(127, "spawn failed\n")).toMatchObject({ kind: "simulated", reasons: ["spawn failed"] });
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
