/**
 * One agent at a time on one data directory: two would mend each other's half-made VPSs. The file names the process
 * for ever (its pid and when it started), so one that was killed leaves nothing that stands in the way.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MusterError } from "@muster/model/errors";
import { readProcess } from "@muster/node-agent/engine/proc";

const nameOf = (pid: number): string | null => {
  const found = readProcess(pid);
  return found?.alive === true ? `${pid} ${found.startTicks}` : null;
};

/** state_conflict, while another agent holds it */
export async function lockDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, "lock");
  const held = (await readFile(path, "utf8").catch(() => "")).trim();
  const [pid = ""] = held.split(" ");
  if (held !== "" && nameOf(Number(pid)) === held && Number(pid) !== process.pid) {
    throw new MusterError("state_conflict", `Another agent (process ${pid}) already works in ${directory}.`);
  }
  await writeFile(path, `${nameOf(process.pid) ?? ""}\n`, { mode: 0o600 });
}
