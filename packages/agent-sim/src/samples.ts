/** Samples of a simulated node: computed when asked for, on whole seconds of its uptime, none from before its agent started. */
import type { NodeSample } from "@muster/model/metrics/sample";
import type { Samples } from "@muster/node-agent/agent";
import type { Clock } from "@muster/node-agent/engine/ports";
import { type SampleFacts, sampleAt } from "./counters.ts";

const INTERVAL_MS = 1_000;
const KEPT_MS = 15 * 60_000;

export function createSamples(facts: SampleFacts, clock: Clock): Samples {
  const { bootAtMs } = facts.world.state;
  const openedAtMs = clock.nowMs();

  /** The first whole second of uptime later than this. */
  const next = (monotonicMs: number) => (Math.floor(monotonicMs / INTERVAL_MS) + 1) * INTERVAL_MS;

  async function* watch(signal: AbortSignal): AsyncGenerator<NodeSample> {
    while (!signal.aborted) {
      const dueMs = next(clock.nowMs() - bootAtMs);
      try {
        // A timer may fire a fraction of a millisecond early.
        while (clock.nowMs() - bootAtMs < dueMs) await clock.sleep(dueMs + bootAtMs - clock.nowMs(), signal);
      } catch {
        return; // the watcher went away
      }
      yield sampleAt(facts, bootAtMs + dueMs);
    }
  }

  return {
    after: (monotonicMs) => {
      const nowMs = clock.nowMs();
      const earliestMs = Math.max(openedAtMs, nowMs - KEPT_MS) - bootAtMs;
      const samples: NodeSample[] = [];
      for (let atMs = next(Math.max(monotonicMs, earliestMs)); bootAtMs + atMs <= nowMs; atMs += INTERVAL_MS) {
        samples.push(sampleAt(facts, bootAtMs + atMs));
      }
      return samples;
    },
    watch,
  };
}
