"use client";
/** The last quarter of an hour, kept as it comes: one history, then a point a second. */
import { useState } from "react";

export const LIVE_RANGE_MS = 15 * 60_000;
export const LIVE_INTERVAL_MS = 1_000;
export const DAY_RANGE_MS = 24 * 60 * 60_000;
export const DAY_POLL_MS = 60_000;

interface Timed {
  atMs: number;
}
type LiveEvent<Point> = { type: "history"; points: Point[] } | { type: "point"; point: Point };

export function keepRecent<Point extends Timed>(points: readonly Point[], event: LiveEvent<Point>): Point[] {
  if (event.type === "history") return event.points;
  const oldest = event.point.atMs - LIVE_RANGE_MS;
  return [...points.filter((point) => point.atMs > oldest && point.atMs < event.point.atMs), event.point];
}

export function useLivePoints<Point extends Timed>() {
  const [points, setPoints] = useState<readonly Point[]>([]);
  return { points, onData: (event: LiveEvent<Point>) => setPoints((before) => keepRecent(before, event)) };
}
