/** Two clocks for a simulated node: the machine's own, and one that stands still until a test steps it. */
import type { Clock } from "@muster/node-agent/engine/ports";

/** From the monotonic clock: the wall clock of a virtual machine may jump, a simulated node's never does. */
export const machineClock: Clock = {
  nowMs: () => performance.timeOrigin + performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const wake = () => {
        signal?.removeEventListener("abort", stop);
        resolve();
      };
      const timer = setTimeout(wake, Math.max(0, ms));
      const stop = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", stop, { once: true });
    }),
};

export interface SteppableClock extends Clock {
  /** Lets time pass, waking every sleeper at its own time and in order; what a sleeper does next is let happen. */
  step(ms: number): Promise<void>;
  /** Steps until the work is done, however much of it is not a matter of time (the disk's, another process's). */
  stepUntil<Result>(work: Promise<Result>, everyMs?: number): Promise<Result>;
}

interface Sleeper {
  dueMs: number;
  wake: () => void;
}

/** Promises settle in microtasks, disk writes in a few turns of the event loop. */
async function letThingsHappen(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

export function createSteppableClock(startMs = Date.UTC(2026, 0, 5, 12)): SteppableClock {
  let nowMs = startMs;
  const sleepers = new Set<Sleeper>();

  function nextDue(untilMs: number): Sleeper | undefined {
    const due = [...sleepers].filter((sleeper) => sleeper.dueMs <= untilMs);
    return due.toSorted((one, other) => one.dueMs - other.dueMs)[0];
  }

  async function step(ms: number): Promise<void> {
    const untilMs = nowMs + ms;
    await letThingsHappen();
    for (let next = nextDue(untilMs); next !== undefined; next = nextDue(untilMs)) {
      nowMs = Math.max(nowMs, next.dueMs);
      next.wake();
      await letThingsHappen();
    }
    nowMs = untilMs;
  }

  return {
    nowMs: () => nowMs,
    step,
    stepUntil: async (work, everyMs = 100) => {
      let settled = false;
      const settle = () => {
        settled = true;
      };
      work.then(settle, settle);
      while (!settled) await step(everyMs);
      return work;
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const stop = () => {
          sleepers.delete(sleeper);
          reject(signal?.reason);
        };
        const wake = () => {
          sleepers.delete(sleeper);
          signal?.removeEventListener("abort", stop);
          resolve();
        };
        const sleeper: Sleeper = { dueMs: nowMs + Math.max(0, ms), wake };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", stop, { once: true });
      }),
  };
}
