import { describe, expect, it } from "vitest";
import { isHeld } from "./held.ts";
import type { LimitValue } from "./limit.ts";
import type { LimitName } from "./registry.ts";

type Case = [name: LimitName, held: LimitValue, asked: LimitValue];

const SAME: Case[] = [
  ["memory.max", 134_213_632, 134_217_727],
  ["memory.swap", 0, 0],
  ["nic.egress", 12_345_672, 12_345_679],
  ["cpu.cores", 0.333, 0.3333],
  ["nic.ingress", null, null],
  ["cpu.pinning", [0, 1], [0, 1]],
  ["pids.max", 99, 99],
];
const OTHER: Case[] = [
  ["memory.max", 67_108_864, 134_217_728],
  ["nic.egress", null, 10_000_000],
  ["nic.ingress", 10_000_000, null],
  ["cpu.pinning", [0], [0, 1]],
  ["pids.max", 98, 99],
  ["io.read.bytes", 0, 1_000_000],
];

describe("what the kernel holds", () => {
  it.each(SAME)("is what was asked for, but for its rounding: %s %j for %j", (name, held, asked) => {
    expect(isHeld(name, held, asked)).toBe(true);
  });

  it.each(OTHER)("is something else: %s %j for %j", (name, held, asked) => {
    expect(isHeld(name, held, asked)).toBe(false);
  });
});
