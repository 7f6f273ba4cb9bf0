/** What /proc tells of a process (man 5 proc_pid_stat). Read synchronously: procfs answers from memory in 10 to 20 us. */
import { readFileSync } from "node:fs";

/** USER_HZ: fixed at 100 in the kernel's interface to programs, whatever its own tick is. */
const TICK_MS = 10;

export interface ProcessFacts {
  /** A zombie has ended; only its parent has not asked yet. */
  alive: boolean;
  /** Ticks since boot. With the pid it names one process for ever; a pid alone is used again. */
  startTicks: number;
}

export function readProcess(pid: number): ProcessFacts | null {
  const stat = readOrNull(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // The name of a program may hold blanks and brackets; what is counted begins after the last bracket.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const state = fields[0] ?? "";
  return { alive: !"ZXx".includes(state), startTicks: Number(fields[19]) };
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (_gone) {
    return null; // ENOENT, or ESRCH when it ends while being read
  }
}

let bootMs: number | undefined;

/** ms since the epoch at which a process started. When the host booted is worked out once: the clock may be set later. */
export function startedAtMs(startTicks: number): number {
  bootMs ??= Date.now() - Number.parseFloat(readFileSync("/proc/uptime", "utf8")) * 1000;
  return Math.round(bootMs + startTicks * TICK_MS);
}

/** The agent's own hard limit of open files. */
export function openFilesMax(): number {
  const limit = /^Max open files +\S+ +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
  return Math.min(Number(limit ?? 1024), 1_048_576);
}
