/** Keeps the samples' partitions: made two days ahead, dropped when they are wholly older than a day. */
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { MetricsStore } from "../metrics/store.ts";
import type { Watcher } from "./watcher.ts";

/** Yesterday's partition is needed until midnight: its evening is part of "the last day". */
const RETENTION_DAYS = 1;

export function partitionsWatcher({ metrics, clock, log }: { metrics: MetricsStore; clock: Clock; log: Log }): Watcher {
  return {
    name: "partitions",
    everyMs: 600_000,
    async round() {
      const changed = await metrics.keepPartitions(clock.nowMs(), RETENTION_DAYS);
      if (changed > 0) log.info({ changed }, "sample partitions were made or dropped");
    },
  };
}
