/** Times that are still to come, in words. */
import { formatDuration } from "@muster/model/units";

const MINUTE_MS = 60_000;
const spoken = new Intl.DateTimeFormat("en-GB", {
  weekday: "long",
  day: "numeric",
  month: "long",
  hour: "2-digit",
  minute: "2-digit",
});

/** "Monday 23 November at 06:00" */
export function spokenTime(iso: string): string {
  return spoken.format(new Date(iso));
}

/** "10 h 30 min", never less than is left. */
export function aheadText(iso: string, nowMs: number): string {
  const minutes = Math.max(0, Math.ceil((Date.parse(iso) - nowMs) / MINUTE_MS));
  return minutes === 0 ? "a moment" : formatDuration(minutes * MINUTE_MS).replace(/ 0 (s|min|h)$/, "");
}
