"use client";
import { useElementSize } from "@mantine/hooks";
/**
 * The only file that knows Recharts. Lines or stacked areas over time; a null is a gap and is drawn as one. No
 * animation and no dots: at one redraw a second they would be all that the browser does (measured: 10 lines of 300
 * points cost 0.10 s of main thread a second without them).
 */
import { Area, AreaChart, CartesianGrid, Tooltip, XAxis, YAxis } from "recharts";
import classes from "./series-chart.module.css";

export interface Series {
  key: string;
  name: string;
  /** A CSS colour; the tokens of app/tokens.css hold in both schemes. */
  color: string;
  /** A line alone, without an area under it. */
  line?: boolean;
  /** What a null means; "unknown" where nothing is said. */
  absent?: string;
}

export interface ChartPoint {
  atMs: number;
  values: Readonly<Record<string, number | null>>;
}

export interface SeriesChartProps {
  series: readonly Series[];
  points: readonly ChartPoint[];
  fromMs: number;
  toMs: number;
  stacked: boolean;
  format: (value: number) => string;
  /** What there is at most. The axis ends there once half of it is used; below that it follows the highest value. */
  max?: number;
}

const HEIGHT_PX = 210;
const MARGIN = { top: 6, right: 8, bottom: 0, left: 4 };
const MINUTE_MS = 60_000;
const TICKS = 5;

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const clockExact = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const dayExact = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
/** Beyond it the hour alone no longer says when. */
const CLOCK_RANGE_MS = 25 * 60 * MINUTE_MS;

/** Whole minutes (or whole multiples of them) inside the range, so that labels stand still while time moves on. */
export function timeTicks(fromMs: number, toMs: number): number[] {
  const step = Math.max(1, Math.round((toMs - fromMs) / TICKS / MINUTE_MS)) * MINUTE_MS;
  const first = Math.ceil(fromMs / step) * step;
  return Array.from({ length: Math.max(0, Math.floor((toMs - first) / step) + 1) }, (_, index) => first + index * step);
}

export function SeriesChart(props: SeriesChartProps) {
  const { ref, width } = useElementSize();
  return (
    <div ref={ref} aria-hidden="true" className={classes.canvas} style={{ height: HEIGHT_PX }}>
      {width > 0 && <Drawing {...props} width={width} />}
    </div>
  );
}

const QUARTERS = [0, 0.25, 0.5, 0.75, 1];

/** @returns null: as high as the highest value. */
function axisEnd({ points, series, stacked, max }: SeriesChartProps): number | null {
  if (max === undefined) return null;
  const heightOf = (point: ChartPoint) => {
    const values = series.map(({ key }) => point.values[key] ?? 0);
    return stacked ? values.reduce((sum, value) => sum + value, 0) : Math.max(...values);
  };
  return points.some((point) => heightOf(point) > max / 2) ? max : null;
}

function timeFormat(fromMs: number, toMs: number) {
  return toMs - fromMs > CLOCK_RANGE_MS ? { tick: day, exact: dayExact } : { tick: clock, exact: clockExact };
}

function Drawing({ width, ...chart }: SeriesChartProps & { width: number }) {
  const { series, points, fromMs, toMs, stacked, format } = chart;
  const end = axisEnd(chart);
  const time = timeFormat(fromMs, toMs);
  return (
    <AreaChart width={width} height={HEIGHT_PX} data={[...points]} margin={MARGIN} accessibilityLayer={false}>
      <CartesianGrid vertical={false} stroke="var(--chart-grid)" />
      <XAxis
        dataKey="atMs"
        type="number"
        scale="time"
        domain={[fromMs, toMs]}
        allowDataOverflow
        ticks={timeTicks(fromMs, toMs)}
        tickFormatter={(atMs: number) => time.tick.format(atMs)}
        tickLine={false}
        axisLine={false}
        tick={{ fill: "var(--ink-faint)", fontSize: 11.5 }}
        height={22}
      />
      <YAxis
        width={74}
        domain={[0, end ?? "auto"]}
        {...(end === null
          ? { tickCount: 5 }
          : { allowDataOverflow: true, ticks: QUARTERS.map((share) => share * end) })}
        tickFormatter={format}
        tickLine={false}
        axisLine={false}
        tick={{ fill: "var(--ink-faint)", fontSize: 11.5 }}
      />
      <Tooltip
        isAnimationActive={false}
        labelFormatter={(atMs) => (typeof atMs === "number" ? time.exact.format(atMs) : "")}
        formatter={(value) => (typeof value === "number" ? format(value) : "unknown")}
        contentStyle={{
          background: "var(--surface)",
          border: "1px solid var(--line-strong)",
          borderRadius: 6,
          fontSize: 12.5,
        }}
        labelStyle={{ color: "var(--ink-soft)" }}
        itemStyle={{ color: "var(--ink)", padding: 0 }}
      />
      {series.map(({ key, name, color, line = false }) => (
        <Area
          key={key}
          type="linear"
          dataKey={(point: ChartPoint) => point.values[key] ?? null}
          name={name}
          stroke={color}
          strokeWidth={1.5}
          fill={color}
          fillOpacity={line ? 0 : stacked ? 0.55 : 0.12}
          isAnimationActive={false}
          dot={false}
          activeDot={{ r: 3 }}
          connectNulls={false}
          {...(stacked ? { stackId: "all" } : {})}
        />
      ))}
    </AreaChart>
  );
}
