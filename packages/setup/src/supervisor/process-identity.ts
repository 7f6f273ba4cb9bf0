/**
 * A process by more than its number: numbers are used again. The kernel's start time (clock ticks since boot, field 22 of
 * /proc/PID/stat) and the boot id make it unique for ever. Where there is no /proc, the number has to do.
 */
import { readFileSync } from "node:fs";
import { z } from "zod";

export const processIdentitySchema = z.object({
  pid: z.number().int().positive(),
  startTicks: z.string().nullable(),
  bootId: z.string().nullable(),
});
export type ProcessIdentity = z.infer<typeof processIdentitySchema>;

/** The command name may hold spaces and parentheses, so fields are counted from the last ")" (proc(5)). */
export function startTicksOf(stat: string): string | null {
  const afterName = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return afterName[22 - 3] ?? null;
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

export function identityOf(pid: number): ProcessIdentity {
  const stat = readOrNull(`/proc/${pid}/stat`);
  return {
    pid,
    startTicks: stat === null ? null : startTicksOf(stat),
    bootId: readOrNull("/proc/sys/kernel/random/boot_id")?.trim() ?? null,
  };
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** A zombie is dead: it holds no port and no file. */
function isZombie(pid: number): boolean {
  const stat = readOrNull(`/proc/${pid}/stat`);
  return stat !== null && /^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
}

export function isStillRunning(identity: ProcessIdentity): boolean {
  if (!answersSignals(identity.pid) || isZombie(identity.pid)) return false;
  const now = identityOf(identity.pid);
  return now.startTicks === identity.startTicks && now.bootId === identity.bootId;
}
