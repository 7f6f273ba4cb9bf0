import fc from "fast-check";
import { expect, test } from "vitest";
import { GREATEST_RATE, shapeOf } from "./shape.ts";

const NOON = Date.UTC(2026, 0, 5, 12);
const DAY_MS = 86_400_000;
const time = fc.integer({ min: NOON, max: NOON + 30 * DAY_MS });

test("what is counted only grows, and never faster than the waves together allow", () => {
  fc.assert(
    fc.property(fc.string(), time, fc.integer({ min: 1, max: DAY_MS }), (seed, fromMs, ms) => {
      const passed = shapeOf(seed).between(fromMs, fromMs + ms);
      expect(passed).toBeGreaterThanOrEqual(0);
      expect(passed).toBeLessThanOrEqual((ms / 1000) * GREATEST_RATE + 1e-6);
    }),
  );
});

test("two stretches add up to the whole", () => {
  fc.assert(
    fc.property(time, fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 1e6 }), (fromMs, one, other) => {
      const shape = shapeOf("a");
      const parts = shape.between(fromMs, fromMs + one) + shape.between(fromMs + one, fromMs + one + other);
      expect(parts).toBeCloseTo(shape.between(fromMs, fromMs + one + other), 5);
    }),
  );
});

test("one name is one shape, another name another", () => {
  const ofOneMinute = (seed: string) => shapeOf(seed).between(NOON, NOON + 60_000);
  expect(ofOneMinute("a")).toBe(ofOneMinute("a"));
  expect(ofOneMinute("a")).not.toBe(ofOneMinute("b"));
});

test("afternoons are busier than nights", () => {
  const hour = (atHour: number) => {
    const fromMs = Date.UTC(2026, 0, 5, atHour);
    return shapeOf("a").between(fromMs, fromMs + 3_600_000);
  };
  expect(hour(14)).toBeGreaterThan(2 * hour(2));
});
