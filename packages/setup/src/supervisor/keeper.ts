/** Keeps one process of the product running: starts it, waits until it says it is ready, starts it again when it ends. */
import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { delayBefore, HEALTHY_AFTER_MS } from "./backoff.ts";
import { openLog } from "./log-file.ts";
import { identityOf } from "./process-identity.ts";
import { Refusal } from "./refusal.ts";
import type { ChildRecord } from "./survivors.ts";

const READY_WITHIN_MS = 90_000;
const STOP_WITHIN_MS = 6_000; // every app ends within 5 s of SIGTERM

const readyMessage = z.object({ ready: z.literal(true) });

export interface KeptProcess {
  name: string;
  argv: readonly [string, ...string[]];
  env: Record<string, string>;
  logFile: string;
  stopSignal: "SIGTERM" | "SIGINT";
  /** Resolves once it serves; undefined: it says so itself over IPC. */
  answers?: (signal: AbortSignal) => Promise<void>;
  /** Clears what an end may have left in the way. */
  beforeRestart?: () => Promise<void>;
}

export interface KeeperHooks {
  say(line: string): void;
  /** After every start and end: who is running now. */
  changed(record: ChildRecord | null): void;
}

export interface Keeper {
  name: string;
  /** The first start. Refuses with the process's last words when it does not come up. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

interface Running {
  child: ChildProcess;
  startedAt: number;
  ended: Promise<string>;
}

export function keeperOf(kept: KeptProcess, hooks: KeeperHooks): Keeper {
  const log = openLog(kept.logFile, (line) => hooks.say(`${kept.name}: ${line}`));
  const stopping = new AbortController();
  let running: Running | null = null;
  let failures = 0;

  function launch(): Running {
    const [program, ...args] = kept.argv;
    const stdio = kept.answers ? (["ignore", "pipe", "pipe"] as const) : (["ignore", "pipe", "pipe", "ipc"] as const);
    // A group of its own: Ctrl-C reaches the supervisor alone, which stops the others in order.
    const child = spawn(program, args, { stdio: [...stdio], env: kept.env, cwd: "/", detached: true });
    if (child.stdout) log.follow(child.stdout);
    if (child.stderr) log.follow(child.stderr);
    const ended = new Promise<string>((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("exit", (code, signal) => resolve(signal === null ? `exit code ${code}` : signal));
    });
    if (child.pid !== undefined) hooks.changed({ name: kept.name, ...identityOf(child.pid) });
    return { child, startedAt: Date.now(), ended };
  }

  async function watch(current: Running): Promise<void> {
    const end = await current.ended;
    hooks.changed(null);
    running = null;
    if (stopping.signal.aborted) return;
    failures = Date.now() - current.startedAt > HEALTHY_AFTER_MS ? 1 : failures + 1;
    const delayMs = delayBefore(failures);
    hooks.say(`${kept.name} ended (${end}); it is started again in ${delayMs / 1000} s. Its log: ${kept.logFile}`);
    await sleep(delayMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    await kept.beforeRestart?.();
    if (stopping.signal.aborted) return;
    running = launch();
    void watch(running);
  }

  async function start(): Promise<void> {
    const current = launch();
    running = current;
    const failure = await firstOf(current, kept);
    if (failure !== null) {
      stopping.abort();
      current.child.kill("SIGKILL");
      const words = log.tail().map((line) => `    ${line}`);
      throw new Refusal([`${kept.name} did not start: ${failure}. Its log: ${kept.logFile}`, ...words].join("\n"));
    }
    void watch(current);
  }

  async function stop(): Promise<void> {
    stopping.abort();
    if (running === null) return;
    const { child, ended } = running;
    child.kill(kept.stopSignal);
    const late = new AbortController();
    const ending = await Promise.race([ended, sleep(STOP_WITHIN_MS, null, { signal: late.signal }).catch(() => null)]);
    late.abort();
    if (ending !== null) return;
    hooks.say(`${kept.name} does not stop; it is killed.`);
    child.kill("SIGKILL");
    await ended;
  }

  return { name: kept.name, start, stop };
}

/** @returns null once it is ready, else why it is not */
async function firstOf({ child, ended }: Running, kept: KeptProcess): Promise<string | null> {
  const over = new AbortController();
  const saidReady = new Promise<null>((resolve) => {
    child.on("message", (message) => {
      if (readyMessage.safeParse(message).success) resolve(null);
    });
  });
  const ready = kept.answers ? kept.answers(over.signal).then(() => null) : saidReady;
  const late = sleep(READY_WITHIN_MS, `it was not ready within ${READY_WITHIN_MS / 1000} s`, { signal: over.signal });
  try {
    return await Promise.race([ready, ended.then((end) => `it ended (${end})`), late]);
  } finally {
    over.abort();
    late.catch(() => undefined);
  }
}
