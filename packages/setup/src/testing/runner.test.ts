import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runToEnd } from "./runner.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "muster-test-runner-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const command = (script: string, timeoutMs: number) =>
  ({ argv: [process.execPath, "-e", script], cwd: "/", env: {}, log: join(directory, "x.log"), timeoutMs }) as const;

test("the exit code comes back and the words are in the log", async () => {
  expect(await runToEnd(command("console.log('word'); process.exit(3)", 10_000))).toBe(3);
  expect(readFileSync(join(directory, "x.log"), "utf8")).toBe("word\n");
});

test("one that does not end is ended, with what it started", async () => {
  const grandchild = "require('child_process').spawn('sleep', ['60'], { stdio: 'inherit' })";
  expect(await runToEnd(command(`${grandchild}; setInterval(() => {}, 1000)`, 500))).toBeNull();
});
