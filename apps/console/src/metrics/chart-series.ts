import type { Series } from "../chart/series-chart.tsx";

/** rx is what came in, tx what went out; for a VPS as the VPS sees it. */
export const TRAFFIC_SERIES = [
  { key: "rxBitsPerSecond", name: "Received", color: "var(--chart-rx)" },
  { key: "txBitsPerSecond", name: "Sent", color: "var(--chart-tx)" },
] satisfies Series[];

export function formatCores(cores: number): string {
  return `${cores.toFixed(cores < 10 ? 2 : 1)} cores`;
}
