import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { attempt, must } from "./command.mjs";
import { pnpmSpecifier } from "./dependencies.mjs";
import { missingPackages } from "./host-packages.mjs";
import { isNewEnough } from "./node-version.mjs";
import { oneAtATime } from "./one-at-a-time.mjs";
import { CHECKOUT } from "./places.mjs";
import { asksForSimulation } from "./prepare.mjs";
import { contentHash, isStamped, writeStamp } from "./stamp.mjs";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "muster-test-bootstrap-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

test.each([
  ["20.19.0", true],
  ["20.18.9", false],
  ["18.20.4", false],
  ["22.0.0", true],
  ["24.21.0", true],
])("Node %s starts the set-up: %s", (version, enough) => {
  expect(isNewEnough(version)).toBe(enough);
});

test("the pnpm that installs is the one that turbo finds among the dependencies, on a machine without any", () => {
  const workspace = readFileSync(join(CHECKOUT, "pnpm-workspace.yaml"), "utf8");
  const [, version] = /^ {2}pnpm: (.+)$/m.exec(workspace) ?? [];
  expect(pnpmSpecifier()).toBe(`pnpm@${version}`);
});

test("a package that was removed but left its configuration is missing", () => {
  const listing = "runc installed\nbtrfs-progs config-files\n";
  expect(missingPackages(["runc", "btrfs-progs", "nftables"], listing)).toEqual(["btrfs-progs", "nftables"]);
});

test.each([
  [["--simulate", "20"], {}, true],
  [["--simulate=2"], {}, true],
  [[], { MUSTER_SIMULATE: "3" }, true],
  [[], { MUSTER_SIMULATE: "" }, false],
  [[], {}, false],
])("%j with %j needs nothing of the host: %s", (argv, env, simulated) => {
  expect(asksForSimulation(argv, env)).toBe(simulated);
});

test("a second set-up of one checkout waits for the first; one that was killed holds up nobody", async () => {
  writeFileSync(join(directory, "setup.lock"), "999999999");
  const letGo = await oneAtATime(directory);
  let entered = false;
  const second = oneAtATime(directory).then((letGoToo) => {
    entered = true;
    letGoToo();
  });
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(entered).toBe(false);
  letGo();
  await second;
});

test("a stamp follows the content, not the time, and ignores products", () => {
  const source = join(directory, "a.ts");
  writeFileSync(source, "1");
  const before = contentHash(directory, ["."]);
  utimesSync(source, 1, 1);
  mkdirSync(join(directory, "node_modules"));
  writeFileSync(join(directory, "node_modules/x"), "x");
  expect(contentHash(directory, ["."])).toBe(before);
  writeFileSync(source, "2");
  expect(contentHash(directory, ["."])).not.toBe(before);
});

test("a renamed file changes the hash, a missing source does not break it", () => {
  writeFileSync(join(directory, "a"), "1");
  const before = contentHash(directory, [".", "absent"]);
  rmSync(join(directory, "a"));
  writeFileSync(join(directory, "b"), "1");
  expect(contentHash(directory, [".", "absent"])).not.toBe(before);
});

test("a stamp counts only with the same hash", () => {
  const stamp = join(directory, "x/y.stamp");
  expect(isStamped(stamp, "1")).toBe(false);
  writeStamp(stamp, "1");
  expect([isStamped(stamp, "1"), isStamped(stamp, "2")]).toEqual([true, false]);
});

test("a command that fails ends the set-up with its last words and where the rest is", async () => {
  const log = join(directory, "step.log");
  const failing = must("It failed.", [process.execPath, ["-e", "console.error('the reason'); process.exit(3)"]], {
    log,
  });
  await expect(failing).rejects.toThrow(`It failed.\n    the reason\nAll of its output: ${log}`);
});

test("a program that does not exist is an answer, not a crash", async () => {
  expect((await attempt("/no/such/program", [])).code).toBe(127);
});
