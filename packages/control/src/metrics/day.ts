/** The last day out of PostgreSQL, in at most 1,440 points: more than a chart has pixels, and a gap stays a gap. */
import { type NodeRate, nodeRate, type VpsRate, vpsRate } from "@muster/model/metrics/rate";
import type { NodeSample } from "@muster/model/metrics/sample";
import type { Clock } from "../clock.ts";
import type { Day } from "../fleet.ts";
import type { VpsStore } from "../vps/store.ts";
import type { MetricsStore } from "./store.ts";

const DAY_MS = 86_400_000;
const INTERVAL_MS = 60_000;

/** A rate of every sample with the one before it. */
export function ratesOf<Rate>(
  samples: readonly NodeSample[],
  rate: (before: NodeSample, after: NodeSample) => Rate,
): Rate[] {
  return samples.flatMap((after, index) => {
    const before = samples[index - 1];
    return before === undefined ? [] : [rate(before, after)];
  });
}

export function createDay({ metrics, vps, clock }: { metrics: MetricsStore; vps: VpsStore; clock: Clock }) {
  const period = () => {
    const toMs = clock.nowMs();
    return { fromMs: toMs - DAY_MS, toMs, intervalMs: INTERVAL_MS };
  };
  return {
    async node(nodeId: string): Promise<Day<NodeRate>> {
      const samples = await metrics.read(nodeId, period());
      const points = ratesOf(samples, (before, after) => nodeRate(before, after, INTERVAL_MS));
      return { intervalMs: INTERVAL_MS, points };
    },
    async vps(vpsId: string): Promise<Day<VpsRate>> {
      const { nodeId } = await vps.get(vpsId);
      const samples = await metrics.read(nodeId, period(), vpsId);
      const points = ratesOf(samples, (before, after) => vpsRate(vpsId, { before, after, intervalMs: INTERVAL_MS }));
      return { intervalMs: INTERVAL_MS, points };
    },
  };
}
export type DayCharts = ReturnType<typeof createDay>;
