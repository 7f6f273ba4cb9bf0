"use client";
import { formatDuration } from "@muster/model/units";
import { useNow } from "./clock.ts";
import { exactTime } from "./exact-time.ts";

const JUST_NOW_MS = 2_000;

export function ago(atMs: number, nowMs: number): string {
  const age = nowMs - atMs;
  return age < JUST_NOW_MS ? "just now" : `${coarse(age)} ago`;
}

/** The largest unit alone: nobody needs the minutes of what was days ago, and the hover has them. */
function coarse(ms: number): string {
  const whole = Math.floor(ms / 1_000) * 1_000;
  if (whole < 10_000) return `${whole / 1_000} s`;
  return formatDuration(whole).split(" ").slice(0, 2).join(" ");
}

/** "12 s ago", with the date and time on hover. */
export function RelativeTime({ at }: { at: string | number }) {
  const nowMs = useNow();
  const date = new Date(at);
  return (
    <time dateTime={date.toISOString()} title={exactTime(at)} suppressHydrationWarning>
      {ago(date.getTime(), nowMs)}
    </time>
  );
}

/** How long it took, or has taken so far. */
export function Elapsed({ from, to }: { from: string; to: string | null }) {
  const nowMs = useNow();
  const ms = Math.max(0, (to === null ? nowMs : Date.parse(to)) - Date.parse(from));
  return <span suppressHydrationWarning>{formatDuration(to === null ? Math.floor(ms / 1_000) * 1_000 : ms)}</span>;
}
