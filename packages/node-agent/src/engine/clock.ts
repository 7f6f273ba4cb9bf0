/** The host's clock. */
import { setTimeout } from "node:timers/promises";
import type { Clock } from "./ports.ts";

export const hostClock: Clock = {
  nowMs: () => Date.now(),
  sleep: async (ms, signal) => {
    await setTimeout(Math.max(0, ms), undefined, signal === undefined ? {} : { signal });
  },
};
