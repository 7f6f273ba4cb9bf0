import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { NOTHING_USED } from "./allowance.ts";
import { NO_TOTALS, openWorld } from "./world.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "muster-world-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const open = () =>
  openWorld({ directory, seed: "atlas", nowMs: Date.now, totalsOf: () => NO_TOTALS, usedOf: () => NOTHING_USED });
const file = (name: string) => join(directory, name);

test("one that is killed while it changes the old file for the new one finds the new one", () => {
  const { bootId } = open().state;
  renameSync(file("world.json"), file("world.json.new"));
  expect(open().state.bootId).toBe(bootId);
  expect(existsSync(file("world.json"))).toBe(true); // it is not the copy that is written next
});

test("one that is killed while it writes keeps what it had", () => {
  const { bootId } = open().state;
  writeFileSync(file("world.json.new"), readFileSync(file("world.json"), "utf8").slice(0, 80));
  expect(open().state.bootId).toBe(bootId);
});

test("one that is killed at its very first writing begins anew", () => {
  writeFileSync(file("world.json.new"), '{"bootId":"simul');
  expect(open().state.bootId).toMatch(/^simulated-atlas-/);
  expect(open().state.bootId).toBe(open().state.bootId);
});
