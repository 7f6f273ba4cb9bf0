/** The last 15 minutes of samples at 1 Hz, in memory, and those who watch them come in. */
import type { NodeSample } from "@muster/model/metrics/sample";
import type { Samples } from "../agent.ts";

export const RING_SAMPLES = 900;
/** A reader that falls this far behind loses the oldest: its chart has a gap, the agent's memory has a bound. */
const BACKLOG = 60;

interface Watcher {
  queue: NodeSample[];
  wake: () => void;
}

export interface SampleRing extends Samples {
  push(sample: NodeSample): void;
}

export function createSampleRing(capacity = RING_SAMPLES): SampleRing {
  const kept: NodeSample[] = [];
  const watchers = new Set<Watcher>();
  return {
    push(sample) {
      kept.push(sample);
      if (kept.length > capacity) kept.shift();
      for (const watcher of watchers) {
        watcher.queue.push(sample);
        if (watcher.queue.length > BACKLOG) watcher.queue.shift();
        watcher.wake();
      }
    },
    after(monotonicMs) {
      const first = kept.findIndex((sample) => sample.monotonicMs > monotonicMs);
      return first === -1 ? [] : kept.slice(first);
    },
    watch: (signal) => follow(watchers, signal),
  };
}

/** Registered when called, not when first read: a sample between the two is not lost. */
function follow(watchers: Set<Watcher>, signal: AbortSignal): AsyncIterable<NodeSample> {
  const watcher: Watcher = { queue: [], wake: () => undefined };
  const stop = () => {
    watchers.delete(watcher);
    watcher.wake();
  };
  if (!signal.aborted) {
    watchers.add(watcher);
    signal.addEventListener("abort", stop, { once: true });
  }
  return (async function* () {
    try {
      while (!signal.aborted) {
        const sample = watcher.queue.shift();
        if (sample !== undefined) yield sample;
        else if (!signal.aborted) await new Promise<void>((resolve) => (watcher.wake = resolve));
      }
    } finally {
      stop();
      signal.removeEventListener("abort", stop);
    }
  })();
}
