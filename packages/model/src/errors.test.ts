import { expect, test } from "vitest";
import { ERROR_RULES, errorCodeSchema, errorView, errorViewSchema, MusterError } from "./errors.ts";

test("every code tells the user and the operator in sentences what to do", () => {
  for (const code of errorCodeSchema.options) {
    expect(ERROR_RULES[code].user).toMatch(/^[A-Z].*\.$/);
    expect(ERROR_RULES[code].operator).toMatch(/^[A-Z].*\.$/);
  }
});

test("what the client did wrong is not retried blindly, what the server lacks may be", () => {
  for (const code of errorCodeSchema.options) {
    const { http, retryable } = ERROR_RULES[code];
    if (http === 400 || http === 401 || http === 403 || http === 404) expect(retryable).toBe(false);
    if (http === 429 || http === 503 || http === 504) expect(retryable).toBe(true);
  }
});

test("an error keeps its cause, and its view shows nothing of it", () => {
  const cause = new Error("password is hunter2");
  const error = new MusterError("name_taken", "The name is taken.", { cause, field: "name" });
  expect(error.cause).toBe(cause);
  expect(errorViewSchema.parse(errorView(error))).toEqual({
    code: "name_taken",
    message: "The name is taken.",
    field: "name",
  });
});

test("what is not a MusterError shows nothing of itself", () => {
  for (const thrown of [new Error("/var/lib/muster/secret"), "text", null, undefined, { code: "name_taken" }]) {
    expect(errorView(thrown)).toEqual({ code: "internal", message: "Something unexpected went wrong." });
  }
});

test("a code of a later version is read as internal, with its own words", () => {
  expect(errorViewSchema.parse({ code: "of_tomorrow", message: "The moon is full." })).toEqual({
    code: "internal",
    message: "The moon is full.",
  });
});
