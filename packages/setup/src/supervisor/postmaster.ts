/**
 * What a postmaster.pid means. PostgreSQL itself refuses to start when the number in it answers signals, even where the
 * number belongs to something else by now; and a kill -9 of its parent may leave it alive. So it is looked at first.
 */
import { readFileSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Refusal } from "./refusal.ts";

const STOP_WITHIN_MS = 20_000;
const POLL_MS = 50;

export type PostmasterVerdict =
  | { state: "none" }
  /** The file's process is gone, or is something else: the file may go. */
  | { state: "stale"; pid: number | null }
  | { state: "alive"; pid: number };

export interface ProcessLook {
  command: string;
  directory: string | null;
}

/**
 * @param file content of postmaster.pid, null when there is none
 * @param look what runs under a number now, null when nothing does. The command and the working directory identify a
 *   postmaster (it works inside its data directory) and, unlike its start time in the file, survive a change of the clock.
 */
export function judgePostmaster(
  file: string | null,
  dataDir: string,
  look: (pid: number) => ProcessLook | null,
): PostmasterVerdict {
  if (file === null) return { state: "none" };
  const pid = Number(file.split("\n")[0]);
  if (!Number.isInteger(pid) || pid <= 0) return { state: "stale", pid: null };
  const found = look(pid);
  if (found === null || found.command !== "postgres" || found.directory !== dataDir) return { state: "stale", pid };
  return { state: "alive", pid };
}

function lookAt(pid: number): ProcessLook | null {
  try {
    const command = readFileSync(`/proc/${pid}/comm`, "utf8").trim();
    return { command, directory: directoryOf(pid) };
  } catch {
    return null; // no such process
  }
}

function directoryOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return null; // another user's process, which ours cannot be
  }
}

function readPidFile(dataDir: string): string | null {
  try {
    return readFileSync(join(dataDir, "postmaster.pid"), "utf8");
  } catch {
    return null;
  }
}

export function hasPostmaster(dataDir: string): boolean {
  return judgePostmaster(readPidFile(dataDir), dataDir, lookAt).state === "alive";
}

/** Stops a survivor (fast shutdown) and removes a stale file, so that a start meets a quiet directory. */
export async function settlePostmaster(dataDir: string): Promise<PostmasterVerdict["state"]> {
  const first = judgePostmaster(readPidFile(dataDir), dataDir, lookAt);
  if (first.state === "stale") rmSync(join(dataDir, "postmaster.pid"), { force: true });
  if (first.state !== "alive") return first.state;
  process.kill(first.pid, "SIGINT");
  const deadline = Date.now() + STOP_WITHIN_MS;
  while (Date.now() < deadline) {
    if (!hasPostmaster(dataDir)) return "alive";
    await sleep(POLL_MS);
  }
  throw new Refusal(`A PostgreSQL of an earlier start (process ${first.pid}) does not stop. End it, then start again.`);
}
