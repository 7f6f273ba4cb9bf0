/** The time that work takes on a simulated node, and the power switch that a test may throw in the middle of it. */
import type { Clock } from "@muster/node-agent/engine/ports";

/**
 * Medians measured on real nodes (the engine's floor from create to the first HTTP answer is 106 ms): a screen or
 * a script that only ever met a node without latency has not been tested.
 */
export const TAKES_MS = { create: 40, start: 60, end: 250, remove: 30, delete: 30, import: 400, exec: 12 } as const;

export interface Machine {
  clock: Clock;
  /**
   * Resolves after the time that the work usually takes, or the time ordered for it, which is not scaled. Once the
   * power is off, nothing ever resolves or rejects: the agent's process is gone.
   */
  work(usualMs: number, signal?: AbortSignal, orderedMs?: number | null): Promise<void>;
  powerOff(): void;
}

const NEVER = new Promise<never>(() => undefined);

/** @param latencyScale 1 as measured, 0 for tests in which time is of no matter. */
export function createMachine(clock: Clock, latencyScale: number): Machine {
  let on = true;
  const gate = () => (on ? undefined : NEVER);
  async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await gate();
    await clock.sleep(ms, signal).catch(async (error: unknown) => {
      await gate();
      throw error;
    });
    await gate();
  }
  return {
    clock: { nowMs: () => clock.nowMs(), sleep },
    work: async (usualMs, signal, orderedMs = null) => {
      await gate();
      const ms = orderedMs ?? usualMs * latencyScale;
      if (ms > 0) await sleep(ms, signal);
    },
    powerOff: () => {
      on = false;
    },
  };
}
