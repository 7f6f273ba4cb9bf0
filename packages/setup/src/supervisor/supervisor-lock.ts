/**
 * One supervisor per data directory. Node has no flock, and an flock would be inherited by every VPS; so the lock is a
 * file that names its holder by pid, start time and boot, made by link(2), which fails when it exists. A file whose holder is
 * gone is moved aside first: of two that find it, one moves it, and whoever moved a live one by bad luck puts it back.
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { identityOf, isStillRunning, processIdentitySchema } from "./process-identity.ts";
import { Refusal } from "./refusal.ts";

const ATTEMPTS = 5;

function holderOf(file: string) {
  try {
    return processIdentitySchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return null; // gone meanwhile, or half a file from a crash of the machine: nobody's
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

function moveAside(file: string, aside: string): void {
  try {
    renameSync(file, aside);
  } catch {
    return; // another one was faster
  }
  const moved = holderOf(aside);
  if (moved !== null && isStillRunning(moved)) tryLink(aside, file);
  rmSync(aside, { force: true });
}

/** @returns gives the lock back */
export function lockDataDir(dataDir: string): () => void {
  const file = join(dataDir, "supervisor.lock");
  const own = `${file}.${process.pid}`;
  writeFileSync(own, JSON.stringify(identityOf(process.pid)), { mode: 0o644 });
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (tryLink(own, file)) return () => rmSync(file, { force: true });
      const holder = holderOf(file);
      if (holder !== null && isStillRunning(holder)) {
        throw new Refusal(
          `Muster already runs on ${dataDir} (process ${holder.pid}). Stop that one, or set MUSTER_DATA_DIR and other ports.`,
        );
      }
      moveAside(file, `${own}.stale`);
    }
    throw new Refusal(`${file} could not be taken: several starts at once? Try again.`);
  } finally {
    rmSync(own, { force: true });
  }
}
