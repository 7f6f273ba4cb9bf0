"use client";
import { Select } from "@mantine/core";
import type { NodeRate } from "@muster/model/metrics/rate";
import { formatBitsPerSecond } from "@muster/model/units";
import { useQuery } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import { useState } from "react";
import { ChartFigure } from "../chart/chart-figure.tsx";
import type { ChartPoint, Series } from "../chart/series-chart.tsx";
import { useTRPC } from "../trpc/client.tsx";
import { formatCores, TRAFFIC_SERIES } from "./chart-series.ts";
import classes from "./charts.module.css";
import { DAY_POLL_MS, DAY_RANGE_MS, LIVE_INTERVAL_MS, LIVE_RANGE_MS, useLivePoints } from "./live.ts";
import { type Range, RangeSwitch } from "./range-switch.tsx";
import { decimate, withGaps } from "./series.ts";
import { useTimeWindow } from "./window.ts";

const CPU_SERIES = [
  { key: "vpsCores", name: "VPS work", color: "var(--chart-vps)" },
  { key: "softirqCores", name: "Softirq", color: "var(--chart-softirq)" },
  { key: "systemCores", name: "System", color: "var(--chart-system)" },
  { key: "restCores", name: "The rest", color: "var(--chart-rest)" },
] satisfies Series[];

function useNodeRates(nodeId: string, range: Range) {
  const trpc = useTRPC();
  const live = useLivePoints<NodeRate>();
  const stream = useSubscription({
    ...trpc.metrics.nodeLive.subscriptionOptions({ nodeId }, { onData: live.onData }),
    enabled: range === "live",
  });
  const day = useQuery(
    trpc.metrics.nodeDay.queryOptions({ nodeId }, { enabled: range === "day", refetchInterval: DAY_POLL_MS }),
  );
  if (range === "live") return { rates: live.points, intervalMs: LIVE_INTERVAL_MS, failed: stream.status === "error" };
  return { rates: day.data?.points ?? [], intervalMs: day.data?.intervalMs ?? DAY_POLL_MS, failed: day.isError };
}

/** The one that carried most in what is known: the one somebody opens this page for. */
export function busiestNic(rates: readonly NodeRate[]): string | null {
  const totals = new Map<string, number>();
  for (const rate of rates) {
    for (const [name, { rxBitsPerSecond, txBitsPerSecond }] of Object.entries(rate.nics)) {
      totals.set(name, (totals.get(name) ?? 0) + (rxBitsPerSecond ?? 0) + (txBitsPerSecond ?? 0));
    }
  }
  return [...totals].sort((one, other) => other[1] - one[1])[0]?.[0] ?? null;
}

export function NodeCharts({ nodeId, cores }: { nodeId: string; cores: number | null }) {
  const [range, setRange] = useState<Range>("live");
  const [chosenNic, setChosenNic] = useState<string | null>(null);
  const { rates, intervalMs, failed } = useNodeRates(nodeId, range);
  const window = useTimeWindow(range, rates.at(-1)?.atMs);
  const nic = chosenNic ?? busiestNic(rates);
  const drawn = (values: (rate: NodeRate) => ChartPoint["values"]) =>
    decimate(
      withGaps(
        rates.map((rate) => ({ atMs: rate.atMs, values: values(rate) })),
        intervalMs,
      ),
      range === "live" ? LIVE_RANGE_MS : DAY_RANGE_MS,
      intervalMs,
    );

  return (
    <div className={classes.charts}>
      <div className={classes.controls}>
        {failed && (
          <span className={classes.failed}>The figures do not arrive; the curves end where they stopped.</span>
        )}
        <RangeSwitch range={range} onRange={setRange} />
      </div>
      <ChartFigure
        label="NIC throughput"
        series={TRAFFIC_SERIES}
        points={drawn((rate) => (nic === null ? {} : { ...rate.nics[nic] }))}
        {...window}
        stacked={false}
        format={formatBitsPerSecond}
        aside={
          <Select
            size="xs"
            aria-label="NIC"
            placeholder="No NIC known"
            data={Object.keys(rates.at(-1)?.nics ?? {})}
            value={nic}
            onChange={setChosenNic}
            w={150}
          />
        }
      />
      <ChartFigure
        label="CPU"
        series={CPU_SERIES}
        points={drawn((rate) => ({ ...rate.cpu }))}
        {...window}
        stacked
        format={formatCores}
        {...(cores === null ? {} : { max: cores })}
      />
    </div>
  );
}
