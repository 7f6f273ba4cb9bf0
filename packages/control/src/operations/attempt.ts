/**
 * One step, tried until it succeeds, fails for good or runs out of time. What another attempt may mend (the node
 * does not answer, it has too much to do) is tried again until the deadline; a database that is away is waited for
 * without end, because a job without its rows can go neither forward nor back.
 */
import { setTimeout as delay } from "node:timers/promises";
import { type ErrorCode, type ErrorView, errorView, MusterError } from "@muster/model/errors";
import type { StepOutput } from "./operation.ts";

export type Outcome = { ok: true; output: StepOutput | undefined } | { ok: false; error: ErrorView };

/** The job is no longer this server's, or the server stops: it is left as it is, and whoever has it next goes on. */
export class LetGo extends Error {}

const MENDED_BY_WAITING: ReadonlySet<ErrorCode> = new Set(["node_unreachable", "overloaded"]);
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;
/** A call that was cancelled comes back at once; work that does not listen is not waited for longer than this. */
const LETTING_GO_MS = 2_000;

export interface AttemptOptions {
  deadlineMs: number;
  /** Aborted: the step is dropped where it stands, by throwing LetGo. */
  letGo: AbortSignal;
  /** Aborted: the step fails with `cancelled`, unless it was done before it heard of it. */
  cancelled?: AbortSignal | undefined;
  onFailure: (error: unknown) => void;
}

type Work = (signal: AbortSignal) => Promise<StepOutput | undefined>;

export async function attempt(work: Work, options: AttemptOptions): Promise<Outcome> {
  const { letGo, cancelled } = options;
  let deadline = AbortSignal.timeout(options.deadlineMs);
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      return { ok: true, output: await bounded(work, deadline, options) };
    } catch (error) {
      if (letGo.aborted) throw new LetGo("the step was let go", { cause: error });
      if (cancelled?.aborted) return { ok: false, error: CANCELLED.view() };
      const code = error instanceof MusterError ? error.code : undefined;
      if (code === "database_unavailable") {
        deadline = AbortSignal.timeout(options.deadlineMs); // the time without a database is not the step's fault
      } else if (code === undefined || deadline.aborted || !MENDED_BY_WAITING.has(code)) {
        options.onFailure(error);
        return { ok: false, error: errorView(error) };
      }
      const interrupted = AbortSignal.any([letGo, ...(cancelled === undefined ? [] : [cancelled])]);
      await delay(pauseMs, undefined, { signal: interrupted }).catch(() => {}); // the next attempt tells why
    }
  }
}

const CANCELLED = new MusterError("cancelled", "It was cancelled.");

async function bounded(work: Work, deadline: AbortSignal, options: AttemptOptions): Promise<StepOutput | undefined> {
  const { letGo, cancelled, deadlineMs } = options;
  if (letGo.aborted) throw new LetGo("it was let go before it began");
  const { promise: late, reject } = Promise.withResolvers<never>();
  late.catch(() => {}); // once the work was first, nobody hears of it any more
  const end = new AbortController();
  const when = (signal: AbortSignal, then: () => void) =>
    signal.aborted ? then() : signal.addEventListener("abort", then, { once: true, signal: end.signal });
  when(deadline, () => reject(new MusterError("deadline_exceeded", `It was not done within ${deadlineMs / 1000} s.`)));
  when(letGo, () => reject(new LetGo("the step was let go")));
  const signals = [deadline, letGo];
  if (cancelled !== undefined) {
    if (cancelled.aborted) throw CANCELLED; // it has not begun: there is nothing to let go of
    signals.push(cancelled);
    when(cancelled, () => {
      delay(LETTING_GO_MS, undefined, { signal: end.signal }).then(
        () => reject(CANCELLED),
        () => {}, // it let go in time
      );
    });
  }
  try {
    return await Promise.race([work(AbortSignal.any(signals)), late]);
  } finally {
    end.abort();
  }
}
