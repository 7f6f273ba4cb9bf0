/** The CPU time of VPSs, read from their cgroups. */
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Runs until the VPS stops, on one CPU. */
export const BUSY_LOOP = "sh -c 'while :; do :; done'";

/** How many cores each of them used, over so many ms from now. */
export async function coresUsed(vpsIds: readonly string[], overMs: number): Promise<number[]> {
  const [beganMs, before] = [performance.now(), vpsIds.map(cpuSeconds)];
  await sleep(overMs);
  const seconds = (performance.now() - beganMs) / 1000;
  return vpsIds.map((vpsId, index) => (cpuSeconds(vpsId) - (before[index] ?? 0)) / seconds);
}

/** cgroup-v1/cpuacct.rst: nanoseconds; cgroup-v2.rst, cpu.stat: microseconds. */
function cpuSeconds(vpsId: string): number {
  const v1 = `/sys/fs/cgroup/cpuacct/muster/${vpsId}/cpuacct.usage`;
  if (existsSync(v1)) return Number(readFileSync(v1, "utf8")) / 1e9;
  const stat = readFileSync(`/sys/fs/cgroup/muster/${vpsId}/cpu.stat`, "utf8");
  return Number(/^usage_usec (\d+)$/m.exec(stat)?.[1]) / 1e6;
}

/** In which share of the kernel's periods it was held back, over so many ms from now; nr_periods and nr_throttled of cpu.stat, in v1 and v2. */
export async function heldBackShare(vpsId: string, overMs: number): Promise<number> {
  const before = periodsOf(vpsId);
  await sleep(overMs);
  const after = periodsOf(vpsId);
  return (after.throttled - before.throttled) / Math.max(1, after.all - before.all);
}

function periodsOf(vpsId: string): { all: number; throttled: number } {
  const places = [`/sys/fs/cgroup/cpu/muster/${vpsId}/cpu.stat`, `/sys/fs/cgroup/muster/${vpsId}/cpu.stat`];
  const stat = readFileSync(places.find((place) => existsSync(place)) ?? "", "utf8");
  const read = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, "m").exec(stat)?.[1]);
  return { all: read("nr_periods"), throttled: read("nr_throttled") };
}
