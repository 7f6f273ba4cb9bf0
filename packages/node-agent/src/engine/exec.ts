/**
 * The only file that starts processes. Argument vectors, never a shell; a deadline on everything; no more output
 * kept than is asked for; and the host's environment stays outside.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { MusterError } from "@muster/model/errors";

const ENVIRONMENT = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C.UTF-8" };
const OUTPUT_LIMIT_BYTES = 1024 * 1024;

export interface Command {
  program: string;
  args: readonly string[];
  /** It is killed when they have passed. */
  timeoutMs: number;
  signal?: AbortSignal;
  input?: string;
  cwd?: string;
  env?: Readonly<Record<string, string>>;
  /** Of stdout and of stderr each; what comes after is read and thrown away. */
  outputLimitBytes?: number;
  /** As it comes, cut anywhere. */
  onStderr?: (text: string) => void;
  /**
   * For a program whose children live on and inherit its stdio: a pipe would break under them. It gets /dev/null,
   * and its end is its own, not that of whoever still holds a pipe.
   */
  detachedOutput?: boolean;
}

export interface Outcome {
  /** Null when a signal ended it. */
  exitCode: number | null;
  stdout: string;
  stderr: string;
  truncated: boolean;
}

/** Runs to the end, however it ends. deadline_exceeded; engine_failed when it could not be started. */
export function run(command: Command): Promise<Outcome> {
  const limit = AbortSignal.timeout(command.timeoutMs);
  const signal = command.signal === undefined ? limit : AbortSignal.any([limit, command.signal]);
  if (signal.aborted) return Promise.reject(outOfTime(command, signal));
  return new Promise((resolve, reject) => {
    const child = spawn(command.program, command.args, {
      cwd: command.cwd ?? "/",
      env: { ...ENVIRONMENT, ...command.env },
      stdio: command.detachedOutput ? "ignore" : ["pipe", "pipe", "pipe"],
      signal,
      killSignal: "SIGKILL",
    });
    const stdout = collect(child.stdout, command);
    const stderr = collect(child.stderr, command);
    child.stderr?.on("data", (chunk: Buffer) => command.onStderr?.(chunk.toString("utf8")));
    child.on("error", (cause) => {
      if (signal.aborted) return;
      reject(new MusterError("engine_failed", `The node could not start ${nameOf(command)}.`, { cause }));
    });
    child.on(command.detachedOutput ? "exit" : "close", (exitCode) => {
      if (signal.aborted) return reject(outOfTime(command, signal));
      resolve({
        exitCode,
        stdout: stdout.text(),
        stderr: stderr.text(),
        truncated: stdout.truncated() || stderr.truncated(),
      });
    });
    // A program that ends without reading its input is no failure of ours: its exit code says what it thought of it.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(command.input ?? "");
  });
}

/** Runs to an exit code of 0. engine_failed with the program's own words in the cause, deadline_exceeded */
export async function runOk(command: Command): Promise<string> {
  const outcome = await run(command);
  if (outcome.exitCode === 0) return outcome.stdout;
  throw failureOf(command, outcome);
}

export function failureOf(command: Command, outcome: Outcome): MusterError {
  const words = outcome.stderr.trim() || outcome.stdout.trim() || "it said nothing";
  const cause = new Error(`${command.program} ${command.args.join(" ")} ended with ${outcome.exitCode}: ${words}`);
  return new MusterError("engine_failed", `${nameOf(command)} failed on the node.`, { cause });
}

/** Whether the program is not there at all. */
export function isNotInstalled(error: unknown): boolean {
  const cause = error instanceof MusterError ? error.cause : null;
  return cause instanceof Error && "code" in cause && cause.code === "ENOENT";
}

export type PipedChild = ChildProcessByStdio<Writable, Readable, Readable>;

/** For what is talked with while it runs (a terminal). It gets SIGKILL when the signal is aborted. */
export function startPiped(
  command: Pick<Command, "program" | "args" | "cwd" | "env">,
  signal: AbortSignal,
): PipedChild {
  return spawn(command.program, command.args, {
    cwd: command.cwd ?? "/",
    env: { ...ENVIRONMENT, ...command.env },
    stdio: ["pipe", "pipe", "pipe"],
    signal,
    killSignal: "SIGKILL",
  });
}

function nameOf(command: Command): string {
  return command.program.slice(command.program.lastIndexOf("/") + 1);
}

function outOfTime(command: Command, signal: AbortSignal): MusterError {
  return new MusterError("deadline_exceeded", `${nameOf(command)} did not end in time.`, { cause: signal.reason });
}

function collect(stream: Readable | null, { outputLimitBytes = OUTPUT_LIMIT_BYTES }: Command) {
  const chunks: Buffer[] = [];
  let kept = 0;
  let truncated = false;
  stream?.on("data", (chunk: Buffer) => {
    const part = chunk.subarray(0, outputLimitBytes - kept);
    truncated ||= part.length < chunk.length;
    kept += part.length;
    if (part.length > 0) chunks.push(part);
  });
  return { text: () => Buffer.concat(chunks).toString("utf8"), truncated: () => truncated };
}
