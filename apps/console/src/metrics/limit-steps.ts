/** A limit over time, laid over real use: from the history of its changes to what a chart draws. Pure. */
import type { LimitUse, LimitValue } from "@muster/model/limits/limit";
import type { LimitName } from "@muster/model/limits/registry";
import type { VpsRate } from "@muster/model/metrics/rate";
import type { AllocationChange, Vps } from "@muster/model/vps";
import type { ChartPoint } from "../chart/series-chart.tsx";
import { GAP_INTERVALS } from "./series.ts";
import type { TimeWindow } from "./window.ts";

/** Null: left open, so there is nothing to draw. */
export interface LimitStep {
  atMs: number;
  value: number | null;
}

/** The figure of the samples that a use is drawn from; null: samples do not have it. */
export const RATE_OF_USE = {
  cpu: "cpuCores",
  memory: "memoryBytes",
  egress: "txBitsPerSecond",
  ingress: "rxBitsPerSecond",
  disk: null,
  pids: null,
} as const satisfies Record<LimitUse, Exclude<keyof VpsRate, "atMs"> | null>;

/** What is in use now of what samples have no figure for. A silent node says nothing of now. */
export function usedNow(use: LimitUse | null, { state, status }: Pick<Vps, "state" | "status">): number | null {
  return use === "disk" && state !== "unknown" ? (status?.diskUsedBytes ?? null) : null;
}

/** A list of CPUs is as much as it has members. */
export function drawnValue(value: LimitValue): number | null {
  return value !== null && typeof value !== "number" ? value.length : value;
}

/** Oldest first. */
export function stepsOf(changes: readonly AllocationChange[], name: LimitName): LimitStep[] {
  return changes
    .filter((change) => change.limit === name)
    .map((change) => ({ atMs: Date.parse(change.at), value: drawnValue(change.to) }))
    .sort((one, other) => one.atMs - other.atMs);
}

function limitAt(steps: readonly LimitStep[], atMs: number): number | null {
  return steps.findLast((step) => step.atMs <= atMs)?.value ?? null;
}

/** Between two samples on the straight line, a moment after the last what that one said, else unknown. */
function usedAt(points: readonly ChartPoint[], atMs: number, intervalMs: number): number | null {
  const next = points.findIndex((point) => point.atMs >= atMs);
  const after = points[next];
  if (after?.atMs === atMs) return after.values["used"] ?? null;
  const before = next === -1 ? points.at(-1) : points[next - 1];
  const used = before?.values["used"] ?? null;
  if (before === undefined || used === null) return null;
  if (after === undefined) return atMs - before.atMs <= intervalMs * GAP_INTERVALS ? used : null;
  const then = after.values["used"] ?? null;
  if (then === null) return null;
  return used + ((then - used) * (atMs - before.atMs)) / (after.atMs - before.atMs);
}

interface Drawn {
  /** With `used` among their values, oldest first. */
  points: readonly ChartPoint[];
  steps: readonly LimitStep[];
  intervalMs: number;
  window: TimeWindow;
}

/** Points with both figures. A change is two of them a millisecond apart, so that it is drawn as the step that it is. */
export function withLimit({ points, steps, intervalMs, window }: Drawn): ChartPoint[] {
  const inside = (atMs: number) => atMs >= window.fromMs && atMs <= window.toMs;
  const changes = steps.flatMap(({ atMs }) => [atMs - 1, atMs]);
  const times = [window.fromMs, ...points.map((point) => point.atMs), ...changes, window.toMs].filter(inside);
  return [...new Set(times)]
    .sort((one, other) => one - other)
    .map((atMs) => ({ atMs, values: { limit: limitAt(steps, atMs), used: usedAt(points, atMs, intervalMs) } }));
}
