/**
 * One terminal: a shell inside a VPS behind `muster-native pty`, what it has shown lately, and who watches.
 *
 * The child is killed with the pipe to its stdin: when the agent dies, the kernel closes the pipe and the helper
 * hangs the terminal up. Nothing has to be found and cleared away at the next start.
 */
import type { OpenTerminal, TerminalOutput } from "@muster/agent-api/agent";
import { MusterError } from "@muster/model/errors";
import type { PipedChild } from "../engine/exec.ts";
import { createReplay } from "./replay.ts";

/** What one terminal may show in 100 ms: 2.5 MB/s is more than any screen needs, and `yes` must not cost a core. */
const WINDOW_MS = 100;
const WINDOW_BYTES = 256 * 1024;
/** Typed and not taken: a program that reads nothing must not fill the agent's memory. */
const TYPED_MAX_BYTES = 1024 * 1024;
const START_TIMEOUT_MS = 15_000;
const WORDS_MAX = 4000;

export interface Session {
  readonly vpsId: string;
  write(data: string): void;
  resize(columns: number, rows: number): void;
  output(afterSeq: number, signal: AbortSignal): AsyncIterable<TerminalOutput>;
  /** Hangs up; a shell that does not go in two seconds is killed. */
  close(): void;
  isOpen(): boolean;
  /** When somebody last typed or watched, as performance.now() counts. */
  usedAtMs(): number;
  readonly ended: Promise<void>;
}

const frame = (type: "d" | "r", payload: Buffer): Buffer => {
  const header = Buffer.alloc(5);
  header.write(type, "latin1");
  header.writeUInt32LE(payload.length, 1);
  return Buffer.concat([header, payload]);
};

const sizeFrame = (columns: number, rows: number): Buffer => {
  const payload = Buffer.alloc(4);
  payload.writeUInt16LE(columns, 0);
  payload.writeUInt16LE(rows, 2);
  return frame("r", payload);
};

/** Resolves when the shell runs. engine_failed with runc's own words in the cause. */
export async function openSession(child: PipedChild, input: OpenTerminal): Promise<Session> {
  const replay = createReplay();
  let usedAtMs = performance.now();
  let open = true;
  const ended = new Promise<void>((resolve) => {
    child.once("close", (exitCode) => {
      open = false;
      replay.end(exitCode);
      resolve();
    });
  });
  // EPIPE when the shell ended in the very moment in which something was typed: its end is told as an event.
  child.stdin.on("error", () => undefined);
  child.stdout.on(
    "data",
    throttled(child, (chunk) => replay.push(chunk)),
  );
  await started(child);

  return {
    vpsId: input.vpsId,
    ended,
    // Hanging up takes the shell a moment; what is typed meanwhile would go nowhere.
    isOpen: () => open && !child.stdin.writableEnded,
    write(data) {
      usedAtMs = performance.now();
      if (child.stdin.writableLength > TYPED_MAX_BYTES) {
        throw new MusterError("overloaded", "The terminal does not take what is typed.");
      }
      child.stdin.write(frame("d", Buffer.from(data, "utf8")));
    },
    resize: (columns, rows) => void child.stdin.write(sizeFrame(columns, rows)),
    output: (afterSeq, signal) => replay.follow(afterSeq, signal),
    close: () => void child.stdin.end(),
    usedAtMs: () => (replay.watched() ? performance.now() : usedAtMs),
  };
}

function throttled(child: PipedChild, take: (chunk: Buffer) => void): (chunk: Buffer) => void {
  let windowStartMs = 0;
  let inWindow = 0;
  return (chunk) => {
    const nowMs = performance.now();
    if (nowMs - windowStartMs > WINDOW_MS) {
      windowStartMs = nowMs;
      inWindow = 0;
    }
    inWindow += chunk.length;
    take(chunk);
    if (inWindow < WINDOW_BYTES) return;
    child.stdout.pause();
    setTimeout(() => child.stdout.resume(), WINDOW_MS).unref();
  };
}

/** The helper says {"started":true} on stderr, or gives runc's words and ends. */
function started(child: PipedChild): Promise<void> {
  return new Promise((resolve, reject) => {
    let words = "";
    const failed = (cause: unknown) => {
      clearTimeout(timer);
      reject(new MusterError("engine_failed", "The terminal could not be opened.", { cause }));
    };
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      failed(new Error(`no shell after ${START_TIMEOUT_MS} ms`));
    }, START_TIMEOUT_MS);
    child.once("error", failed);
    child.once("close", () => failed(new Error(words.trim() || "the shell ended at once")));
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      if (words.length < WORDS_MAX) words += text;
      if (!words.includes('{"started":true}')) return;
      clearTimeout(timer);
      resolve();
    });
  });
}
