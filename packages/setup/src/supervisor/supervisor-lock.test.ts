import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { identityOf } from "./process-identity.ts";
import { lockDataDir } from "./supervisor-lock.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "muster-test-lock-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

test("the second is refused by name of the first, and let in when that one is done", () => {
  const unlock = lockDataDir(directory);
  expect(() => lockDataDir(directory)).toThrow(`already runs on ${directory} (process ${process.pid})`);
  unlock();
  lockDataDir(directory)();
  expect(readdirSync(directory)).toEqual([]);
});

test.each([
  ["of a process that is gone", () => JSON.stringify({ ...identityOf(spawnSync("true").pid), startTicks: "1" })],
  ["of a number that another process has now", () => JSON.stringify({ ...identityOf(process.pid), startTicks: "1" })],
  ["that a crash left half written", () => '{"pid":'],
])("a lock %s stops nobody", (_, content) => {
  writeFileSync(join(directory, "supervisor.lock"), content());
  const unlock = lockDataDir(directory);
  expect(existsSync(join(directory, "supervisor.lock"))).toBe(true);
  unlock();
});
