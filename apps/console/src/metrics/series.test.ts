import { expect, test } from "vitest";
import { decimate, withGaps } from "./series.ts";

const at = (atMs: number, rx: number | null) => ({ atMs, values: { rx } });

test("a quarter of an hour at 1 Hz becomes at most 450 points, with the mean kept", () => {
  const points = Array.from({ length: 900 }, (_, second) => at(second * 1_000, second % 2 === 0 ? 10 : 30));
  const drawn = decimate(points, 900_000, 1_000);
  expect(drawn).toHaveLength(450);
  expect(new Set(drawn.map((point) => point.values.rx))).toEqual(new Set([20]));
});

test("a bucket with an unknown value is unknown: no average hides a gap", () => {
  const drawn = decimate([at(0, 10), at(1_000, null), at(2_000, 4), at(3_000, 6)], 900_000, 1_000);
  expect(drawn.map((point) => point.values.rx)).toEqual([null, 5]);
});

test("points that never came are a gap, not a straight line", () => {
  const drawn = withGaps([at(0, 1), at(1_000, 1), at(9_000, 1)], 1_000);
  expect(drawn.map((point) => point.values.rx)).toEqual([1, 1, undefined, 1]);
});

test("buckets begin at fixed times, so a curve does not tremble as it moves", () => {
  const points = Array.from({ length: 8 }, (_, second) => at(second * 1_000, second));
  const whole = decimate(points, 900_000, 1_000);
  const later = decimate(points.slice(2), 900_000, 1_000);
  expect(whole.slice(1)).toEqual(later);
});
