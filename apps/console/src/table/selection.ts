/** Which rows of a list are chosen. Only rows that are shown count: what nobody sees is not acted on. Pure. */

export interface Selection {
  readonly keys: ReadonlySet<string>;
  /** The row that was last chosen by itself: a range begins there. */
  readonly anchor: string | null;
}

export const NOTHING_SELECTED: Selection = { keys: new Set(), anchor: null };

export function selectedAmong<Row>(rows: readonly Row[], keyOf: (row: Row) => string, selection: Selection): Row[] {
  if (selection.keys.size === 0) return [];
  return rows.filter((row) => selection.keys.has(keyOf(row)));
}

/** Turns one row on or off and makes it the anchor. */
function toggled(selection: Selection, key: string): Selection {
  const keys = new Set(selection.keys);
  if (!keys.delete(key)) keys.add(key);
  return { keys, anchor: key };
}

/**
 * A click on a row's box. With shift everything from the anchor to the row becomes what the anchor is, so a range is
 * taken back the way it was made.
 */
export function clicked(
  selection: Selection,
  click: { shown: readonly string[]; key: string; shift: boolean },
): Selection {
  const { shown, key, shift } = click;
  const from = selection.anchor === null ? -1 : shown.indexOf(selection.anchor);
  const to = shown.indexOf(key);
  if (!shift || selection.anchor === null || from === -1 || to === -1) return toggled(selection, key);
  const keys = new Set(selection.keys);
  const on = keys.has(selection.anchor);
  for (const each of shown.slice(Math.min(from, to), Math.max(from, to) + 1)) {
    if (on) keys.add(each);
    else keys.delete(each);
  }
  return { keys, anchor: selection.anchor };
}

export function allOf(shown: readonly string[]): Selection {
  return { keys: new Set(shown), anchor: null };
}

export type Extent = "none" | "some" | "all";

export function extentOf(selection: Selection, shown: readonly string[]): Extent {
  const chosen = shown.filter((key) => selection.keys.has(key)).length;
  if (chosen === 0) return "none";
  return chosen === shown.length ? "all" : "some";
}
