import { expect, test } from "vitest";
import { paths } from "../paths.ts";
import { safeNext } from "./sign-in-form.tsx";

test.each(["/", "/jobs", "/vps/v0123456789?tab=terminal", "/.//evil.example"])("%s is where one goes on", (next) => {
  expect(safeNext(next)).toBe(next);
});

test.each([
  null,
  "",
  "jobs",
  "https://evil.example/",
  "//evil.example",
  "/\\evil.example",
  "/\t/evil.example",
  "/\n/evil.example",
  "/\r\\evil.example",
  "javascript:alert(1)",
  "//[",
])("%j leads to the fleet, not away", (next) => {
  expect(safeNext(next)).toBe(paths.fleet());
});
