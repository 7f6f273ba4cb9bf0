import { expect, test } from "vitest";
import { parseVpsSearch } from "./vps-search.ts";

test("words are all wanted; a prefix narrows one to a property", () => {
  expect(parseVpsSearch("  State:Running node:atlas  web ip:10.80 ")).toEqual([
    { field: "state", text: "running" },
    { field: "node", text: "atlas" },
    { field: "any", text: "web" },
    { field: "address", text: "10.80" },
  ]);
});

test("a prefix still being typed narrows nothing, and an unknown one is a plain word", () => {
  expect(parseVpsSearch("state: tag:x")).toEqual([{ field: "any", text: "tag:x" }]);
  expect(parseVpsSearch("")).toEqual([]);
});

test("what is typed stays what it is: no wildcard, no quote", () => {
  expect(parseVpsSearch("name:100%_'")).toEqual([{ field: "name", text: "100%_'" }]);
});
