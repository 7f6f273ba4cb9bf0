import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { VARIABLE_NAMES } from "./environment.ts";

const README = readFileSync(resolve(import.meta.dirname, "../../../../README.md"), "utf8");

test("the README's table lists every environment variable, and no other", () => {
  const listed = [...README.matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(([, name]) => name);
  expect(listed.toSorted()).toEqual(VARIABLE_NAMES.toSorted());
});
