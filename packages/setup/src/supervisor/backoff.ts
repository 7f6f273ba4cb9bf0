/** When a process that ended is started again: at once is a hot loop, never is a dead console. */
const FIRST_MS = 500;
const LONGEST_MS = 30_000;
/** One that ran this long is taken to be well, and its next end is a first one. */
export const HEALTHY_AFTER_MS = 60_000;

/** @param failures ends in a row, from 1 on */
export function delayBefore(failures: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
}
