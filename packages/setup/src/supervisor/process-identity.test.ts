import { expect, test } from "vitest";
import { identityOf, isStillRunning, startTicksOf } from "./process-identity.ts";

test("a command name with spaces and parentheses does not shift the start time", () => {
  const fields = Array.from({ length: 49 }, (_, index) => String(index + 4)).join(" ");
  expect(startTicksOf(`7 (a ) b (c) S ${fields}`)).toBe("22");
});

test("this process runs; the same number with another start time does not", () => {
  const own = identityOf(process.pid);
  expect(isStillRunning(own)).toBe(true);
  expect(isStillRunning({ ...own, startTicks: "1" })).toBe(false);
  expect(isStillRunning({ ...own, bootId: "another boot" })).toBe(false);
});
