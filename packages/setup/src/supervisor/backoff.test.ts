import { expect, test } from "vitest";
import { delayBefore } from "./backoff.ts";

test("the wait doubles from half a second and stops growing at half a minute", () => {
  expect([1, 2, 3, 4, 20].map(delayBefore)).toEqual([500, 1_000, 2_000, 4_000, 30_000]);
});
