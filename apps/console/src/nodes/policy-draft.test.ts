import { DEFAULT_OVERCOMMIT } from "@muster/model/limits/overcommit";
import { expect, test } from "vitest";
import { draftOf, isChanged, policyOf, ratioOf } from "./policy-draft.ts";

test("a policy that nobody touched is the policy that stands", () => {
  const draft = draftOf(DEFAULT_OVERCOMMIT);
  expect(policyOf(draft)).toEqual({ overcommit: DEFAULT_OVERCOMMIT });
  expect(isChanged(draft, DEFAULT_OVERCOMMIT)).toBe(false);
});

test("off is no ratio, and a ratio that was typed before is kept for when it is on again", () => {
  const draft = draftOf({ cpu: 8, memory: null, disk: null });
  const off = { ...draft, cpu: { ...draft.cpu, on: false } };
  expect(policyOf(off)).toEqual({ overcommit: { cpu: null, memory: null, disk: null } });
  expect(off.cpu.ratio).toBe(8);
  expect(isChanged(off, { cpu: 8, memory: null, disk: null })).toBe(true);
});

test.each([
  ["", "It must be given."],
  [1, "It must be more than 1."],
  [65, "It must be at most 64."],
])("a ratio of %s is refused beside its field", (ratio, error) => {
  const draft = { ...draftOf(DEFAULT_OVERCOMMIT), memory: { on: true, ratio } };
  expect(policyOf(draft)).toEqual({ errors: { memory: error } });
});

test("the figures follow what is typed, and stay where that makes no sense yet", () => {
  expect(ratioOf({ on: true, ratio: 2 })).toBe(2);
  expect(ratioOf({ on: true, ratio: "" })).toBeNull();
  expect(ratioOf({ on: false, ratio: 2 })).toBeNull();
});
