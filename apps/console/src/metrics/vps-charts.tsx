"use client";
import type { LimitUse } from "@muster/model/limits/limit";
import { LIMIT_NAMES, LIMITS, type Limits } from "@muster/model/limits/registry";
import { formatBitsPerSecond, formatBytes } from "@muster/model/units";
import type { Vps } from "@muster/model/vps";
import { useState } from "react";
import { ChartFigure } from "../chart/chart-figure.tsx";
import type { ChartPoint, Series } from "../chart/series-chart.tsx";
import { formatCores, TRAFFIC_SERIES } from "./chart-series.ts";
import classes from "./charts.module.css";
import { DAY_RANGE_MS, LIVE_RANGE_MS } from "./live.ts";
import { type Range, RangeSwitch } from "./range-switch.tsx";
import { decimate, withGaps } from "./series.ts";
import { useVpsRates } from "./vps-rates.ts";
import { useTimeWindow } from "./window.ts";

const CPU_SERIES = [{ key: "cpuCores", name: "Used", color: "var(--chart-vps)" }] satisfies Series[];
const MEMORY_SERIES = [{ key: "memoryBytes", name: "Used", color: "var(--chart-system)" }] satisfies Series[];

/** The most that there can be: the value of the limit that this use is held against. */
function mostOf(limits: Limits, use: LimitUse): { max?: number } {
  const name = LIMIT_NAMES.find((each) => LIMITS[each].use === use);
  const max = name === undefined ? null : limits[name];
  return typeof max === "number" ? { max } : {};
}

export function VpsCharts({ vps }: { vps: Vps }) {
  const [range, setRange] = useState<Range>("live");
  const { rates, intervalMs, failed } = useVpsRates(vps.id, range);
  const window = useTimeWindow(range, rates.at(-1)?.atMs);
  const points: ChartPoint[] = rates.map(({ atMs, ...values }) => ({ atMs, values }));
  const drawn = decimate(withGaps(points, intervalMs), range === "live" ? LIVE_RANGE_MS : DAY_RANGE_MS, intervalMs);
  const common = { points: drawn, ...window, stacked: false };
  return (
    <div className={classes.charts}>
      <div className={classes.controls}>
        {failed && (
          <span className={classes.failed}>The figures do not arrive; the curves end where they stopped.</span>
        )}
        <RangeSwitch range={range} onRange={setRange} />
      </div>
      <ChartFigure label="NIC throughput" series={TRAFFIC_SERIES} format={formatBitsPerSecond} {...common} />
      <ChartFigure
        label="CPU"
        series={CPU_SERIES}
        format={formatCores}
        {...mostOf(vps.spec.limits, "cpu")}
        {...common}
      />
      <ChartFigure
        label="Memory"
        series={MEMORY_SERIES}
        format={formatBytes}
        {...mostOf(vps.spec.limits, "memory")}
        {...common}
      />
    </div>
  );
}
