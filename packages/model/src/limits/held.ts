/** Whether what the kernel says is what was asked for. */
import type { LimitUnit, LimitValue } from "./limit.ts";
import { LIMITS, type LimitName } from "./registry.ts";

/** The largest page of memory that Linux has (arm64, ppc64): by which it counts what a cgroup may hold. */
const PAGE_BYTES = 65_536;
const exactly = () => 0;
const nearly = (asked: number) => asked / 100;

/** How far off the kernel may be: it keeps memory in pages, and time and rates in what its clock can count. */
const ROUNDS_BY: Record<LimitUnit, (asked: number) => number> = {
  cores: nearly,
  weight: exactly,
  cpus: exactly,
  bytes: () => PAGE_BYTES,
  bitsPerSecond: nearly,
  bytesPerSecond: exactly,
  operationsPerSecond: exactly,
  processes: exactly,
};

export function isHeld(name: LimitName, held: LimitValue, asked: LimitValue): boolean {
  if (typeof held !== "number" || typeof asked !== "number") return JSON.stringify(held) === JSON.stringify(asked);
  return Math.abs(held - asked) <= ROUNDS_BY[LIMITS[name].unit](asked);
}
