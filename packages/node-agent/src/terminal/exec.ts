/**
 * One command inside a VPS, to its end or its deadline. `runc exec` makes it part of the VPS: its namespaces, its
 * cgroups, its rights. What overruns is killed with its process group: killing runc alone would leave it running.
 */
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Exec, ExecResult } from "@muster/agent-api/agent";
import { MusterError } from "@muster/model/errors";
import { type PipedChild, startPiped } from "../engine/exec.ts";
import { NATIVE_PATH } from "../engine/native.ts";

const OUTPUT_MAX_BYTES = 1024 * 1024;

export interface ExecParts {
  runcRoot: string;
  /** For the file in which runc says which process it started. */
  directory: string;
  name: string;
}

export async function execInVps(parts: ExecParts, input: Exec, signal: AbortSignal): Promise<ExecResult> {
  const pidFile = join(parts.directory, `${parts.name}.pid`);
  const runc = ["runc", "--root", parts.runcRoot, "exec", "--pid-file", pidFile, input.vpsId, ...input.argv];
  const deadline = AbortSignal.timeout(input.timeoutMs);
  const over = AbortSignal.any([deadline, signal]);
  over.throwIfAborted();
  // `run` makes runc die with the agent; what it started is then ended by the VPS's own end, or by itself.
  const child = startPiped({ program: NATIVE_PATH, args: ["run", "-", ...runc] }, new AbortController().signal);
  const kill = () => void killGroup(pidFile, child);
  over.addEventListener("abort", kill, { once: true });
  try {
    child.stdin.on("error", () => undefined);
    child.stdin.end();
    const [stdout, stderr] = [collect(child, "stdout"), collect(child, "stderr")];
    const exitCode = await ended(child);
    signal.throwIfAborted();
    if (deadline.aborted) throw new MusterError("deadline_exceeded", `It ran longer than ${input.timeoutMs} ms.`);
    return {
      exitCode,
      stdout: stdout.text(),
      stderr: stderr.text(),
      truncated: stdout.truncated() || stderr.truncated(),
    };
  } finally {
    over.removeEventListener("abort", kill);
    await rm(pidFile, { force: true });
  }
}

function ended(child: PipedChild): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", (cause) => reject(new MusterError("engine_failed", "It could not be started.", { cause })));
    // runc gives the command's own code, and 128 + the signal's number where one ended it; null is runc's own end.
    child.once("close", (exitCode) => resolve(exitCode ?? 137));
  });
}

/** runc makes the process the leader of a session, and so of a process group of its own number. */
async function killGroup(pidFile: string, child: PipedChild): Promise<void> {
  const pid = Number(await readFile(pidFile, "utf8").catch(() => ""));
  try {
    // Its number cannot have been given away: runc, its parent, still runs and has not reaped it.
    if (pid > 1 && child.exitCode === null) process.kill(-pid, "SIGKILL");
  } catch (_gone) {
    // It ended by itself in this very moment.
  }
  if (!(pid > 1)) child.kill("SIGKILL"); // not started yet
  // A process that left the group may hold the pipes open; it is not waited for.
  setTimeout(() => {
    child.stdout.destroy();
    child.stderr.destroy();
    child.kill("SIGKILL");
  }, 1000).unref();
}

function collect(child: PipedChild, from: "stdout" | "stderr") {
  const chunks: Buffer[] = [];
  let size = 0;
  let truncated = false;
  child[from].on("data", (chunk: Buffer) => {
    const part = chunk.subarray(0, OUTPUT_MAX_BYTES - size);
    truncated ||= part.length < chunk.length;
    size += part.length;
    if (part.length > 0) chunks.push(part);
  });
  return { text: () => Buffer.concat(chunks).toString("utf8"), truncated: () => truncated };
}
