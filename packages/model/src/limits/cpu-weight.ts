import { z } from "zod";
import { limit } from "./limit.ts";

/** 1 to 10,000 with 100 in the middle, as cgroup v2 counts it (Documentation/admin-guide/cgroup-v2.rst). */
export const cpuWeight = limit({
  title: "CPU weight",
  explanation: "Its share when the node is busy: 200 gets twice the time of 100. Left open, it follows the cores.",
  unit: "weight",
  schema: z.number().int().min(1, "must be at least 1").max(10_000, "must be at most 10,000").nullable(),
  initial: null,
  shares: null,
  use: null,
});

/** One core, where no weight is set: the kernel's initial value. */
const WEIGHT_OF_CORE = 100;

/** Left open, it follows the cores: a full node divides itself in the proportion that was promised. */
export function weightOf(limits: { "cpu.weight": number | null; "cpu.cores": number }): number {
  return limits["cpu.weight"] ?? Math.min(10_000, Math.max(1, limits["cpu.cores"] * WEIGHT_OF_CORE));
}
