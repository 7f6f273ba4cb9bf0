"use client";
/** What of the time axis is in sight. It follows the newest point, so a clock that differs between node and browser moves nothing. */
import { useNow } from "../ui/clock.ts";
import { DAY_RANGE_MS, LIVE_RANGE_MS } from "./live.ts";
import type { Range } from "./range-switch.tsx";

export interface TimeWindow {
  fromMs: number;
  toMs: number;
}

export function useTimeWindow(range: Range, newestMs: number | undefined): TimeWindow {
  const nowMs = useNow();
  const rangeMs = range === "live" ? LIVE_RANGE_MS : DAY_RANGE_MS;
  // Silence lets the curve move on to the left: the end of the axis is never far behind the clock.
  const toMs = newestMs === undefined || Math.abs(nowMs - newestMs) > 5_000 ? nowMs : newestMs;
  return { fromMs: toMs - rangeMs, toMs };
}
