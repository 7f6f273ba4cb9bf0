/** From rates to what a chart draws: at most 450 points, a gap stays a gap. */
import type { ChartPoint } from "../chart/series-chart.tsx";

const POINTS_AT_MOST = 450;
/** As in the model's rates: two points further apart than this many intervals have a gap between them. */
export const GAP_INTERVALS = 2.5;

/** Puts an empty point where points are missing, so that no line is drawn across. */
export function withGaps(points: readonly ChartPoint[], intervalMs: number): ChartPoint[] {
  return points.flatMap((point, index) => {
    const before = points[index - 1];
    const missing = before !== undefined && point.atMs - before.atMs > intervalMs * GAP_INTERVALS;
    return missing ? [{ atMs: before.atMs + intervalMs, values: {} }, point] : [point];
  });
}

function meanOf(values: readonly (number | null | undefined)[]): number | null {
  let sum = 0;
  for (const value of values) {
    if (value === null || value === undefined) return null; // half known is not known
    sum += value;
  }
  return values.length === 0 ? null : sum / values.length;
}

function merge(bucket: readonly ChartPoint[]): ChartPoint {
  const keys = new Set(bucket.flatMap((point) => Object.keys(point.values)));
  const values = [...keys].map((key) => [key, meanOf(bucket.map((point) => point.values[key]))] as const);
  return { atMs: bucket[0]?.atMs ?? 0, values: Object.fromEntries(values) };
}

/** Means over buckets that begin at fixed times, so that a curve moves left without trembling. */
export function decimate(points: readonly ChartPoint[], rangeMs: number, intervalMs: number): ChartPoint[] {
  const bucketMs = Math.ceil(rangeMs / intervalMs / POINTS_AT_MOST) * intervalMs;
  if (bucketMs <= intervalMs) return [...points];
  const buckets = new Map<number, ChartPoint[]>();
  for (const point of points) {
    const at = Math.floor(point.atMs / bucketMs);
    const bucket = buckets.get(at);
    if (bucket === undefined) buckets.set(at, [point]);
    else bucket.push(point);
  }
  return [...buckets.values()].map(merge);
}
