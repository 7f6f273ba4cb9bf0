/** One process of a cluster: started until it says that it is ready, killed as kill -9 does, started again. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";

const READY_WITHIN_MS = 60_000;
const STOPPED_WITHIN_MS = 10_000;

export interface ProcessPlan {
  name: string;
  argv: readonly [string, ...string[]];
  env: Record<string, string>;
  logFile: string;
  /** Resolves when it serves. Left out: it says so itself, over the channel that it inherits. */
  answers?: (signal: AbortSignal) => Promise<void>;
  stopSignal: NodeJS.Signals;
}

export interface ClusterProcess {
  readonly name: string;
  /** Of the one that runs now; null while none does. */
  pid(): number | null;
  start(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

function launch({ argv: [program, ...args], env, logFile }: ProcessPlan): ChildProcess {
  const log = openSync(logFile, "a");
  try {
    return spawn(program, args, { env, stdio: ["ignore", log, log, "ipc"] });
  } finally {
    closeSync(log);
  }
}

async function ready(plan: ProcessPlan, child: ChildProcess): Promise<void> {
  const over = new AbortController();
  const late = setTimeout(() => over.abort(), READY_WITHIN_MS);
  const ended = once(child, "exit", { signal: over.signal }).then(([code, signal]) => {
    throw new Error(`${plan.name} ended with ${code ?? signal} before it was ready: see ${plan.logFile}`);
  });
  const said = plan.answers?.(over.signal) ?? once(child, "message", { signal: over.signal });
  try {
    await Promise.race([said, ended]);
    if (over.signal.aborted) throw new Error(`${plan.name} was not ready within ${READY_WITHIN_MS / 1000} s`);
  } finally {
    clearTimeout(late);
    ended.catch(() => undefined); // it may end later, as it likes
    over.abort();
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill(signal);
  const late = setTimeout(() => child.kill("SIGKILL"), STOPPED_WITHIN_MS);
  await ended;
  clearTimeout(late);
}

export function clusterProcess(plan: ProcessPlan): ClusterProcess {
  let child: ChildProcess | null = null;
  const endWith = async (signal: NodeJS.Signals) => {
    const ending = child;
    child = null;
    if (ending !== null) await end(ending, signal);
  };
  return {
    name: plan.name,
    pid: () => child?.pid ?? null,
    start: async () => {
      if (child !== null) return;
      child = launch(plan);
      await ready(plan, child);
    },
    kill: () => endWith("SIGKILL"),
    stop: () => endWith(plan.stopSignal),
  };
}
