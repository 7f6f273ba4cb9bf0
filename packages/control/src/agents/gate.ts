/**
 * What keeps one bad node from slowing the others: a bulkhead (so many calls at once, so many waiting, the rest
 * is refused at once) and a circuit (after a few failures in a row nobody waits for that node any more, until a
 * single trial call gets through). Without it forty open browser tabs on a dead node would hold every connection.
 */
import { MusterError } from "@muster/model/errors";

export interface GateOptions {
  maxConcurrent: number;
  maxWaiting: number;
  /** Failures in a row that open the circuit. */
  failures: number;
  /** How long nobody is let through before one trial is. */
  openMs: number;
  nowMs: () => number;
}

export const GATE_DEFAULTS = { maxConcurrent: 16, maxWaiting: 64, failures: 3, openMs: 2_000 };

export interface Gate {
  run<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Somebody else (the health watcher) has heard the node. */
  heard(): void;
}

export function createGate(options: GateOptions): Gate {
  let running = 0;
  let failuresInRow = 0;
  let openUntilMs = 0;
  const waiting: (() => void)[] = [];

  const enter = (): Promise<void> | undefined => {
    if (running < options.maxConcurrent) {
      running += 1;
      return undefined;
    }
    if (waiting.length >= options.maxWaiting) {
      throw new MusterError("overloaded", "The node has as many calls under way as it may.");
    }
    return new Promise((resolve) => waiting.push(resolve)); // whoever leaves hands over its place
  };

  const leave = () => {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  };

  const checkCircuit = () => {
    if (failuresInRow < options.failures) return;
    const nowMs = options.nowMs();
    if (nowMs < openUntilMs) {
      throw new MusterError("node_unreachable", "The node did not answer the last calls; it is being tried again.");
    }
    openUntilMs = nowMs + options.openMs; // this caller is the trial
  };

  const heard = () => {
    failuresInRow = 0;
  };

  const failed = (error: unknown) => {
    if (!isSilence(error)) return heard();
    failuresInRow += 1;
    if (failuresInRow >= options.failures) openUntilMs = options.nowMs() + options.openMs;
  };

  return {
    heard,
    async run(work) {
      checkCircuit();
      await enter();
      try {
        const result = await work();
        heard();
        return result;
      } catch (error) {
        failed(error);
        throw error;
      } finally {
        leave();
      }
    },
  };
}

/** An agent that answers with an error is alive. */
function isSilence(error: unknown): boolean {
  return error instanceof MusterError && (error.code === "node_unreachable" || error.code === "deadline_exceeded");
}
