import { LIMIT_NAMES, limitsWith } from "@muster/model/limits/registry";
import { expect, test } from "vitest";
import { EMPTY_DRAFT, errorsOf, specOf } from "./create-draft.ts";

const chosen = { nodeId: "n0123456789", template: "busybox", address: "10.80.0.10" };

test("what is typed becomes a spec in bytes; what is not touched has its initial value", () => {
  const half = { amount: 0.5, scale: "GiB", open: false };
  const result = specOf({ ...EMPTY_DRAFT, name: "web", limits: { "disk.max": half } }, chosen, null);
  expect(result).toEqual({
    spec: {
      name: "web",
      template: "busybox",
      address: "10.80.0.10",
      limits: limitsWith({ "disk.max": 512 * 1024 ** 2 }),
    },
  });
});

test("every wrong field is told at once, an empty number among them", () => {
  const result = specOf(
    { ...EMPTY_DRAFT, name: "--help", limits: { "memory.max": { amount: "", scale: "MiB", open: false } } },
    { nodeId: null, template: null, address: "1.2.3" },
    null,
  );
  expect(Object.keys("errors" in result ? result.errors : {}).sort()).toEqual([
    "address",
    "memory.max",
    "name",
    "nodeId",
    "template",
  ]);
});

test("what was typed for another node and this one cannot hold is neither sent nor held against anybody", () => {
  const limits = LIMIT_NAMES.map((name) => ({ name, available: name !== "memory.swap", detail: "There is no swap." }));
  const typed = { "memory.swap": { amount: "", scale: "MiB", open: false } };
  const draft = { ...EMPTY_DRAFT, name: "web", limits: typed };
  expect(specOf(draft, chosen, null)).toHaveProperty("errors");
  expect(specOf(draft, chosen, { inventory: { limits } })).toHaveProperty("spec.limits", limitsWith());
});

test("a refusal stands beside its field, named by its path or by its code", () => {
  expect(errorsOf({ code: "address_taken", message: "10.80.0.10 is taken.", field: "address" })).toEqual({
    address: "10.80.0.10 is taken.",
  });
  expect(errorsOf({ code: "invalid_input", message: "spec.name must be short", field: "spec.name" })).toEqual({
    name: "Must be short.",
  });
  expect(errorsOf({ code: "overcommitted", message: "Too much.", field: "limits.memory.max" })).toEqual({
    "memory.max": "Too much.",
  });
  expect(errorsOf({ code: "pool_full", message: "The pool is full." })).toEqual({ "disk.max": "The pool is full." });
  expect(errorsOf({ code: "internal", message: "Something went wrong." })).toEqual({ form: "Something went wrong." });
});
