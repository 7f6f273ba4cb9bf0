/** Samples as they are taken: one a second, at the full second of a monotonic clock, so that they do not drift apart. */
import type { NodeSample } from "@muster/model/metrics/sample";
import type { Samples } from "../agent.ts";
import { createSampleRing } from "./sample-ring.ts";

const EVERY_MS = 1000;

export interface LiveSamples extends Samples {
  close(): void;
}

export function startSampling(
  take: () => NodeSample,
  onError: (error: unknown) => void,
  everyMs = EVERY_MS,
): LiveSamples {
  const ring = createSampleRing();
  const startedMs = performance.now();
  let timer: NodeJS.Timeout;

  const next = () => {
    const waitMs = everyMs - ((performance.now() - startedMs) % everyMs);
    // A timer may fire a fraction of a millisecond early: the second that is about to begin has been sampled already.
    timer = setTimeout(tick, waitMs < everyMs / 2 ? waitMs + everyMs : waitMs);
    timer.unref();
  };
  const tick = () => {
    try {
      ring.push(take());
    } catch (error) {
      onError(error); // one second without a sample is a gap in a chart, not the end of the agent
    }
    next();
  };
  tick();
  return { after: ring.after, watch: ring.watch, close: () => clearTimeout(timer) };
}
