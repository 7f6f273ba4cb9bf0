import { expect, test } from "vitest";
import { tokenInFragment } from "./setup-form.tsx";
import { safeNext } from "./sign-in-form.tsx";

test("the first-run token is read from the fragment", () => {
  expect(tokenInFragment("#token=abc-_1")).toBe("abc-_1");
  expect(tokenInFragment("")).toBe("");
});

test("after signing in a person stays in the console, whatever a link says", () => {
  expect(safeNext("/vps/v0123456789?tab=jobs")).toBe("/vps/v0123456789?tab=jobs");
  for (const next of [null, "", "https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"]) {
    expect(safeNext(next)).toBe("/");
  }
});
