import { describe, expect, test } from "vitest";
import { GIB, MIB } from "../units.ts";
import { formatCpus, parseCpus } from "./cpu-pinning.ts";
import {
  changedLimits,
  differingLimits,
  LIMIT_NAMES,
  LIMITS,
  limitsChangeSchema,
  limitsSchema,
  limitsWith,
} from "./registry.ts";

describe("the limits of a VPS", () => {
  test.each([
    ["cpu.cores", 0],
    ["cpu.cores", -1],
    ["cpu.cores", Number.NaN],
    ["cpu.cores", Number.POSITIVE_INFINITY],
    ["cpu.cores", "2"],
    ["cpu.weight", 0],
    ["cpu.pinning", []],
    ["cpu.pinning", [1, 0]],
    ["cpu.pinning", [0, 0]],
    ["cpu.pinning", [-1]],
    ["memory.max", 0],
    ["memory.max", 64 * MIB + 0.5],
    ["memory.max", 4097 * GIB],
    ["memory.max", "64M"],
    ["memory.max", null],
    ["memory.swap", -1],
    ["disk.max", -GIB],
    ["disk.max", null],
    ["nic.egress", 0],
    ["nic.ingress", 1.5],
    ["io.read.bytes", 1],
    ["io.write.operations", 0],
    ["pids.max", 0],
    ["pids.max", 1e9],
  ])("refuse %s of %j", (name, value) => {
    const parsed = limitsSchema.safeParse({ [name]: value });
    expect(parsed.error?.issues.map((issue) => issue.path[0])).toEqual([name]);
    expect(limitsChangeSchema.safeParse({ [name]: value }).success).toBe(false);
  });

  test("refuse a name that no limit has", () => {
    expect(limitsSchema.safeParse({ "cpu.magic": 1 }).success).toBe(false);
    expect(limitsChangeSchema.safeParse({ "cpu.magic": 1 }).success).toBe(false);
  });

  test("that are not named have their initial values, each within its own bounds", () => {
    expect(limitsWith()).toEqual(Object.fromEntries(LIMIT_NAMES.map((name) => [name, LIMITS[name].initial])));
    for (const name of LIMIT_NAMES) expect(LIMITS[name].schema.safeParse(LIMITS[name].initial).success).toBe(true);
  });

  test("change where they are named, and stay where they are not", () => {
    const before = limitsWith({ "cpu.cores": 2, "nic.egress": 1_000_000 });
    const after = changedLimits(before, { "nic.egress": null, "memory.max": undefined });
    expect(after).toEqual({ ...before, "nic.egress": null });
    expect(differingLimits(before, after)).toEqual(["nic.egress"]);
    expect(differingLimits(before, { ...before })).toEqual([]);
  });
});

describe("a list of CPUs", () => {
  test.each([
    ["0", [0]],
    ["0-3", [0, 1, 2, 3]],
    ["0,2,4-5", [0, 2, 4, 5]],
  ])("reads %j", (text, cpus) => {
    expect(parseCpus(text)).toEqual(cpus);
    expect(formatCpus(cpus)).toBe(text);
  });

  test.each(["", "a", "3-1", "0,,1", "-1", "0-9999", "1.5"])("refuses %j", (text) => {
    expect(parseCpus(text)).toBeNull();
  });
});
