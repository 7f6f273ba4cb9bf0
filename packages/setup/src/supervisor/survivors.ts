/**
 * What a killed supervisor left behind. Its processes end themselves when their channel breaks; one that hangs is
 * ended here by its recorded identity, never by name. VPSs are nobody's children and are not in this list.
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { isStillRunning, type ProcessIdentity, processIdentitySchema } from "./process-identity.ts";

const OWN_END_MS = 6_000;
const POLL_MS = 100;
const recordSchema = z.array(processIdentitySchema.extend({ name: z.string() }));
export type ChildRecord = z.infer<typeof recordSchema>[number];

function fileIn(dataDir: string): string {
  return join(dataDir, "supervisor.children.json");
}

export function recordChildren(dataDir: string, children: readonly ChildRecord[]): void {
  const file = fileIn(dataDir);
  writeFileSync(`${file}.new`, JSON.stringify(children));
  renameSync(`${file}.new`, file);
}

function recorded(dataDir: string): ChildRecord[] {
  try {
    return recordSchema.parse(JSON.parse(readFileSync(fileIn(dataDir), "utf8")));
  } catch {
    return []; // none yet, or a half-written one of an older start: the ports tell if something still lives
  }
}

function kill(identity: ProcessIdentity): void {
  try {
    process.kill(identity.pid, "SIGKILL");
  } catch {
    // ended by itself between the look and the signal
  }
}

/** @returns the names of those that had to be killed */
export async function endSurvivors(dataDir: string, patienceMs = OWN_END_MS): Promise<string[]> {
  const children = recorded(dataDir);
  const deadline = Date.now() + patienceMs;
  while (children.some(isStillRunning) && Date.now() < deadline) await sleep(POLL_MS);
  const stubborn = children.filter(isStillRunning);
  for (const child of stubborn) kill(child);
  while (stubborn.some(isStillRunning)) await sleep(POLL_MS);
  return stubborn.map((child) => child.name);
}
