/**
 * One step, tried until it succeeds, fails for good or runs out of time. What another attempt may mend (the node
 * does not answer, it has too much to do) is tried again until the deadline; a database that is away is waited for
 * without end, because a job without its rows can go neither forward nor back.
 */
import { setTimeout as delay } from "node:timers/promises";
import { type ErrorCode, type ErrorView, errorView, MusterError } from "@muster/model/errors";

export type Outcome = { ok: true } | { ok: false; error: ErrorView };

const MENDED_BY_WAITING: ReadonlySet<ErrorCode> = new Set(["node_unreachable", "overloaded"]);
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

export interface AttemptOptions {
  deadlineMs: number;
  /** The process is being stopped: the step is left as it is, and the next process does it again. */
  stopping: AbortSignal;
  onFailure: (error: unknown) => void;
}

export async function attempt(work: (signal: AbortSignal) => Promise<void>, options: AttemptOptions): Promise<Outcome> {
  let deadline = AbortSignal.timeout(options.deadlineMs);
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      await bounded(work, deadline, options);
      return { ok: true };
    } catch (error) {
      if (options.stopping.aborted) return await parked();
      const code = error instanceof MusterError ? error.code : undefined;
      if (code === "database_unavailable") {
        deadline = AbortSignal.timeout(options.deadlineMs); // the time without a database is not the step's fault
      } else if (code === undefined || deadline.aborted || !MENDED_BY_WAITING.has(code)) {
        options.onFailure(error);
        return { ok: false, error: errorView(error) };
      }
      await delay(pauseMs);
    }
  }
}

async function bounded(work: (signal: AbortSignal) => Promise<void>, deadline: AbortSignal, options: AttemptOptions) {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const signal = AbortSignal.any([deadline, options.stopping]);
  const onAbort = () =>
    reject(new MusterError("deadline_exceeded", `It was not done within ${options.deadlineMs / 1000} s.`));
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await Promise.race([work(signal), late]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** Never settles: the process ends meanwhile. A rejection would go into the history as the step's failure. */
export function parked(): Promise<never> {
  return new Promise(() => {});
}
