"use client";
/** One limit as the steps it took, over what was really used. */
import { SegmentedControl } from "@mantine/core";
import { LIMITS, type LimitName } from "@muster/model/limits/registry";
import type { AllocationChange, Vps } from "@muster/model/vps";
import { type ReactNode, useState } from "react";
import { ChartFigure } from "../chart/chart-figure.tsx";
import type { ChartPoint, Series } from "../chart/series-chart.tsx";
import { formatAmount, openText } from "../limits/value.ts";
import { useNow } from "../ui/clock.ts";
import classes from "./limit-chart.module.css";
import { RATE_OF_USE, stepsOf, usedNow, withLimit } from "./limit-steps.ts";
import { DAY_RANGE_MS, LIVE_RANGE_MS } from "./live.ts";
import { decimate, withGaps } from "./series.ts";
import { useVpsRates } from "./vps-rates.ts";
import type { TimeWindow } from "./window.ts";

const RANGES = [
  { value: "live", label: "15 min" },
  { value: "day", label: "24 h" },
  { value: "all", label: "All" },
] as const;
type Reach = (typeof RANGES)[number]["value"];

/** A curve that begins at the frame's edge looks cut off. */
const LEAD = 0.02;

function windowOf(reach: Reach, nowMs: number, bornMs: number): TimeWindow {
  const whole = Math.max(LIVE_RANGE_MS, nowMs - bornMs);
  const rangeMs = { live: LIVE_RANGE_MS, day: DAY_RANGE_MS, all: whole * (1 + LEAD) }[reach];
  return { fromMs: nowMs - rangeMs, toMs: nowMs };
}

interface LimitChartProps {
  vps: Vps;
  name: LimitName;
  /** Of all limits, in any order. */
  changes: readonly AllocationChange[];
  aside: ReactNode;
}

export function LimitChart({ vps, name, changes, aside }: LimitChartProps) {
  const [chosen, setChosen] = useState<Reach | null>(null);
  const nowMs = useNow();
  const steps = stepsOf(changes, name);
  const bornMs = steps[0]?.atMs ?? nowMs;
  // A day of which most was before its time would be an empty picture.
  const reach = chosen ?? (nowMs - bornMs < DAY_RANGE_MS ? "all" : "day");
  const { rates, intervalMs } = useVpsRates(vps.id, reach === "live" ? "live" : "day");
  const window = windowOf(reach, nowMs, bornMs);
  const use = LIMITS[name].use;
  const inUse = usedNow(use, vps);
  const key = use === null ? null : RATE_OF_USE[use];
  const points: ChartPoint[] = rates.map((rate) => ({ atMs: rate.atMs, values: { used: key && rate[key] } }));
  const rangeMs = window.toMs - window.fromMs;
  const series: Series[] = [
    { key: "limit", name: "Limit", color: "var(--chart-tx)", line: true, absent: openText(name).toLowerCase() },
    ...(key === null ? [] : [{ key: "used", name: "Used", color: "var(--chart-vps)" }]),
  ];
  return (
    <ChartFigure
      label={`${LIMITS[name].title} over time`}
      series={series}
      points={withLimit({
        points: key === null ? [] : decimate(withGaps(points, intervalMs), rangeMs, intervalMs),
        steps,
        intervalMs,
        window,
      })}
      {...window}
      stacked={false}
      format={(value) => formatAmount(name, value)}
      aside={
        <div className={classes.choices}>
          {inUse !== null && <span className={classes.inUse}>{formatAmount(name, inUse)} in use now</span>}
          {aside}
          <SegmentedControl
            size="xs"
            aria-label="Range of the chart"
            transitionDuration={0}
            data={[...RANGES]}
            value={reach}
            onChange={setChosen}
          />
        </div>
      }
    />
  );
}
