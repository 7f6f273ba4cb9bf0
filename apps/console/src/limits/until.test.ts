import { expect, test } from "vitest";
import { presets, untilError } from "./until.ts";

const at = (text: string) => new Date(text).getTime();
const SUNDAY_NOON = at("2026-11-22T12:00");

test("what is offered is always ahead, in the zone of whoever sits there", () => {
  expect(presets(SUNDAY_NOON)).toEqual([
    { label: "1 hour", at: "2026-11-22T13:00" },
    { label: "Tonight 22:00", at: "2026-11-22T22:00" },
    { label: "Monday 06:00", at: "2026-11-23T06:00" },
  ]);
  expect(presets(at("2026-11-22T22:30"))).toContainEqual({ label: "Tomorrow 22:00", at: "2026-11-23T22:00" });
  expect(presets(at("2026-11-23T05:00"))).toContainEqual({ label: "Monday 06:00", at: "2026-11-30T06:00" });
  for (const preset of presets(at("2026-12-31T23:59:30"))) {
    expect(untilError(preset.at, at("2026-12-31T23:59:30"))).toBeNull();
  }
});

test.each([
  ["", "Give a date and a time."],
  ["2026-11-22T12:00", "This time has passed."],
  ["2027-11-30T12:00", "At most a year ahead."],
  ["2026-11-22T12:01", null],
])("%j is told apart", (text, error) => {
  expect(untilError(text, SUNDAY_NOON)).toBe(error);
});
