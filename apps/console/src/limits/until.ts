/** "Until Monday 06:00, then back": the times that are offered and typed, in the zone of whoever sits there. Pure. */
import { isoOfLocal, localOfIso } from "../jobs/local-time.ts";

/** As an <input type="datetime-local"> has it: "2026-11-23T06:00". */
export type LocalTime = string;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** As the server has it. */
const AT_MOST_DAYS = 365;
const EVENING_HOUR = 22;
const MORNING_HOUR = 6;
const MONDAY = 1;

function localTime(atMs: number): LocalTime {
  return localOfIso(new Date(atMs).toISOString());
}

function atHour(nowMs: number, days: number, hour: number): number {
  const at = new Date(nowMs);
  at.setDate(at.getDate() + days);
  at.setHours(hour, 0, 0, 0);
  return at.getTime();
}

/** The times that are asked for most, all of them ahead. */
export function presets(nowMs: number): { label: string; at: LocalTime }[] {
  const tonight = atHour(nowMs, 0, EVENING_HOUR);
  const daysToMonday = (MONDAY - new Date(nowMs).getDay() + 7) % 7 || 7;
  return [
    // Up to the next whole minute: what is typed has no seconds, and an hour is not to be less than one.
    { label: "1 hour", at: localTime(Math.ceil((nowMs + HOUR_MS) / MINUTE_MS) * MINUTE_MS) },
    tonight > nowMs + MINUTE_MS
      ? { label: "Tonight 22:00", at: localTime(tonight) }
      : { label: "Tomorrow 22:00", at: localTime(atHour(nowMs, 1, EVENING_HOUR)) },
    { label: "Monday 06:00", at: localTime(atHour(nowMs, daysToMonday, MORNING_HOUR)) },
  ];
}

/** What is wrong with the time; null when nothing is. */
export function untilError(text: LocalTime, nowMs: number): string | null {
  const iso = isoOfLocal(text);
  if (iso === null) return "Give a date and a time.";
  const atMs = Date.parse(iso);
  if (atMs <= nowMs) return "This time has passed.";
  return atMs > atHour(nowMs, AT_MOST_DAYS, 0) ? "At most a year ahead." : null;
}
