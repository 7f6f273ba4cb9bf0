/** Between an ISO time and what a `datetime-local` field holds: the same moment in the browser's own time zone. */

const two = (part: number) => String(part).padStart(2, "0");

/** "2026-11-22T16:05:00.000Z" -> "2026-11-22T17:05" in Berlin; null is an empty field. */
export function localOfIso(iso: string | null): string {
  if (iso === null) return "";
  const at = new Date(iso);
  const year = String(at.getFullYear()).padStart(4, "0"); // shorter, as while it is typed, it would empty the field
  const day = `${year}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** Null for an empty field; a browser gives one that is half filled in as empty too. */
export function isoOfLocal(text: string): string | null {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}
