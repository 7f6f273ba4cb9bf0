import { z } from "zod";
import { limit } from "./limit.ts";

const MOST_CPUS = 4096;

export const cpuPinning = limit({
  title: "CPU pinning",
  explanation: "The CPUs of the node that it may run on. Left open, it runs on all of them.",
  unit: "cpus",
  schema: z
    .array(
      z
        .number()
        .int()
        .min(0)
        .max(MOST_CPUS - 1),
    )
    .min(1, "must name at least one CPU")
    .max(MOST_CPUS)
    .refine((cpus) => cpus.every((cpu, at) => at === 0 || cpu > (cpus[at - 1] ?? -1)), "must ascend, each CPU once")
    .nullable(),
  initial: null,
  shares: null,
  use: null,
});

/** [0, 1, 2, 5] -> "0-2,5", the kernel's own way of writing it (cpusets(7), list format). */
export function formatCpus(cpus: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const cpu of cpus) {
    const run = runs.at(-1);
    if (run !== undefined && run[1] === cpu - 1) run[1] = cpu;
    else runs.push([cpu, cpu]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(",");
}

/** The way back; null when the text is no such list. */
export function parseCpus(text: string): number[] | null {
  const cpus = new Set<number>();
  for (const part of text.trim().split(",")) {
    const match = /^\s*(\d{1,4})(?:-(\d{1,4}))?\s*$/.exec(part);
    if (match === null) return null;
    const from = Number(match[1]);
    const to = Number(match[2] ?? match[1]);
    if (to < from || to >= MOST_CPUS) return null;
    for (let cpu = from; cpu <= to; cpu += 1) cpus.add(cpu);
  }
  return [...cpus].sort((one, other) => one - other);
}
