"use client";
/** A chart with what it says in words: the legend carries the latest values, so nobody needs to see the curve to know them. */
import { Skeleton } from "@mantine/core";
import dynamic from "next/dynamic";
import type { ReactNode } from "react";
import classes from "./chart-figure.module.css";
import type { SeriesChartProps } from "./series-chart.tsx";

const CHART_PX = 210;

const SeriesChart = dynamic(() => import("./series-chart.tsx").then((file) => file.SeriesChart), {
  ssr: false,
  loading: () => <Skeleton height={CHART_PX} />,
});

interface ChartFigureProps extends SeriesChartProps {
  label: string;
  aside?: ReactNode;
}

export function ChartFigure({ label, aside, ...chart }: ChartFigureProps) {
  const latest = chart.points.at(-1);
  return (
    <figure className={classes.figure} aria-label={label}>
      <div className={classes.head}>
        <h2 className={classes.title}>{label}</h2>
        {aside}
      </div>
      <SeriesChart {...chart} />
      <figcaption className={classes.legend}>
        {chart.series.map(({ key, name, color, absent = "unknown" }) => {
          const value = latest?.values[key] ?? null;
          return (
            <span key={key} className={classes.entry}>
              <span className={classes.swatch} style={{ background: color }} />
              {name} <strong className="figures">{value === null ? absent : chart.format(value)}</strong>
            </span>
          );
        })}
      </figcaption>
    </figure>
  );
}
