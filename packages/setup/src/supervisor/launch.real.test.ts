import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ensureAccounts } from "./accounts.ts";
import { execute } from "./execute.ts";
import { canSetPriv, launchArgv } from "./launch.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "muster-test-launch-"));
  chmodSync(directory, 0o755);
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A checkout below a closed directory, as a clone in root's home is, and the open place where it is to be seen. */
function closedCheckout() {
  const checkout = { path: join(directory, "closed/checkout"), seenAt: join(directory, "seen") };
  mkdirSync(checkout.path, { recursive: true });
  mkdirSync(checkout.seenAt);
  chmodSync(join(directory, "closed"), 0o700);
  writeFileSync(join(checkout.path, "file"), "words");
  return checkout;
}

async function asConsole(checkout: { path: string; seenAt: string }, ...argv: [string, ...string[]]) {
  const accounts = await ensureAccounts(true);
  const account = accounts?.console ?? null;
  return execute(launchArgv(checkout, { account, parentDeathSignal: "TERM", argv }, canSetPriv()));
}

test("a closed checkout is read by the unprivileged, and written by nobody", async () => {
  const checkout = closedCheckout();
  const file = join(checkout.path, "file");
  expect(await asConsole(checkout, "/bin/cat", file)).toMatchObject({ code: 0, stdout: "words" });
  expect((await asConsole({ ...checkout, seenAt: checkout.path }, "/bin/cat", file)).code).not.toBe(0);
  chmodSync(file, 0o666);
  expect((await asConsole(checkout, "/usr/bin/touch", file)).stderr).toContain("Read-only file system");
});

test("nothing of it shows in the host's own mounts", async () => {
  const checkout = closedCheckout();
  const { stdout } = await asConsole(checkout, "/bin/cat", "/proc/self/mountinfo");
  expect(stdout).toContain(checkout.seenAt);
  expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(directory);
});

test("the unprivileged have no capability, and can gain none", async () => {
  const checkout = closedCheckout();
  const { stdout } = await asConsole(checkout, "/bin/cat", "/proc/self/status");
  for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]) {
    expect(stdout).toContain(`${set}:\t0000000000000000`);
  }
  expect(stdout).toContain("NoNewPrivs:\t1");
  expect(stdout).toMatch(/^Groups:\t\s*$/m);
});
