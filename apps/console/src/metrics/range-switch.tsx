"use client";
import { SegmentedControl } from "@mantine/core";

export type Range = "live" | "day";

const CHOICES = [
  { value: "live", label: "15 min" },
  { value: "day", label: "24 h" },
] satisfies { value: Range; label: string }[];

export function RangeSwitch({ range, onRange }: { range: Range; onRange: (range: Range) => void }) {
  return (
    <SegmentedControl
      size="xs"
      aria-label="Range of the charts"
      data={CHOICES}
      value={range}
      onChange={(value) => onRange(value === "day" ? "day" : "live")}
      transitionDuration={0}
    />
  );
}
