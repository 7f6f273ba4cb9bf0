import { expect, test } from "vitest";
import { allOf, clicked, extentOf, NOTHING_SELECTED, type Selection, selectedAmong } from "./selection.ts";

const shown = ["a", "b", "c", "d", "e"];
const plain = (selection: Selection, key: string) => clicked(selection, { shown, key, shift: false });
const shifted = (selection: Selection, key: string) => clicked(selection, { shown, key, shift: true });
const keys = (selection: Selection) => [...selection.keys].sort().join("");

test("a click turns one row on, and off again", () => {
  const once = plain(NOTHING_SELECTED, "b");
  expect(keys(once)).toBe("b");
  expect(keys(plain(once, "b"))).toBe("");
});

test("shift takes everything from the last row to this one, in either direction, and back", () => {
  const three = shifted(plain(NOTHING_SELECTED, "b"), "d");
  expect(keys(three)).toBe("bcd");
  expect(keys(shifted(three, "a"))).toBe("abcd");
  expect(keys(shifted(plain(NOTHING_SELECTED, "d"), "b"))).toBe("bcd");
  const off = plain(allOf(shown), "d");
  expect(keys(shifted(off, "b"))).toBe("ae");
});

test("shift without a row to begin from takes the one", () => {
  expect(keys(shifted(NOTHING_SELECTED, "c"))).toBe("c");
  expect(keys(shifted({ keys: new Set(["x"]), anchor: "gone" }, "c"))).toBe("cx");
});

test("a row that is no longer shown is not acted on", () => {
  const selection = allOf(["a", "gone"]);
  expect(selectedAmong(shown, (row) => row, selection)).toEqual(["a"]);
  expect(extentOf(selection, shown)).toBe("some");
  expect(extentOf(allOf(shown), shown)).toBe("all");
  expect(extentOf(NOTHING_SELECTED, [])).toBe("none");
});
