import { expect, test } from "vitest";
import { isoOfLocal, localOfIso } from "./local-time.ts";

test("a time goes through the field unharmed, whatever the zone", () => {
  expect(isoOfLocal(localOfIso("2026-11-22T16:05:00.000Z"))).toBe("2026-11-22T16:05:00.000Z");
  expect(localOfIso("2026-11-22T16:05:00.000Z")).toMatch(/^2026-11-2[123]T\d\d:\d5$/);
});

test("an empty field is no time", () => {
  expect(localOfIso(null)).toBe("");
  expect(isoOfLocal("")).toBeNull();
});

test("a year is four digits wide, or the field would not take it", () => {
  expect(localOfIso(isoOfLocal("0002-11-22T00:00"))).toBe("0002-11-22T00:00");
});
