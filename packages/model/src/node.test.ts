import { expect, test } from "vitest";
import { NODE_SILENCE_MS, nodeHealth } from "./node.ts";

test.each([
  [null, 1_000, "enrolling"],
  [1_000, 1_000, "healthy"],
  [1_000, 1_000 + NODE_SILENCE_MS, "healthy"],
  [1_000, 1_001 + NODE_SILENCE_MS, "unknown"],
])("a node heard at %s is, at %d, %s", (heardAtMs, nowMs, health) => {
  expect(nodeHealth(heardAtMs, nowMs)).toBe(health);
});
