const absolute = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

/** "22 Nov 2026, 16:05:00", in the time zone of who looks at it. */
export function exactTime(at: string | number): string {
  return absolute.format(new Date(at));
}
