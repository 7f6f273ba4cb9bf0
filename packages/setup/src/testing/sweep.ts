/**
 * What a killed test run left on this host: its products' VPSs, mounts, loop devices, interfaces and folders. Only what
 * carries the tests' own names is touched, and a product that still runs is left alone.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execute } from "../supervisor/execute.ts";
import { hasPostmaster } from "../supervisor/postmaster.ts";
import { isStillRunning, processIdentitySchema } from "../supervisor/process-identity.ts";

/** Data directories of tests: testkit and unit tests in the temporary directory, whole products of e2e in /var/tmp. */
const PREFIXES = ["muster-test-", "muster-e2e-"];
const VPS_ID = /^v[0-9a-z]{10}$/;

export function isTestName(name: string): boolean {
  return PREFIXES.some((prefix) => name.startsWith(prefix));
}

function entries(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory) : [];
}

function testDirectories(): string[] {
  return [...new Set([tmpdir(), "/tmp", "/var/tmp"])].flatMap((parent) =>
    entries(parent)
      .filter(isTestName)
      .map((name) => join(parent, name)),
  );
}

/** A supervisor or a PostgreSQL works in it: another run of tests, under way beside this one. */
function isInUse(directory: string): boolean {
  if ([directory, join(directory, "data"), join(directory, "postgres/data")].some(hasPostmaster)) return true;
  try {
    const lock: unknown = JSON.parse(readFileSync(join(directory, "supervisor.lock"), "utf8"));
    return isStillRunning(processIdentitySchema.parse(lock));
  } catch {
    return false; // no supervisor's, or one that is gone
  }
}

/** The engine's own rule for what a reboot takes away (node-agent's layout.ts). */
function runDirOf(agentDir: string): string {
  return join("/run/muster", createHash("sha256").update(agentDir).digest("hex").slice(0, 8));
}

/** Mount points below a directory, the deepest and newest first. */
export function mountsBelow(directory: string, mountinfo: string): string[] {
  return mountinfo
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    .filter((point) => point === directory || point.startsWith(`${directory}/`))
    .reverse();
}

async function unmountBelow(directory: string): Promise<void> {
  if (!existsSync("/proc/self/mountinfo")) return;
  for (const point of mountsBelow(directory, readFileSync("/proc/self/mountinfo", "utf8"))) {
    await execute(["umount", "--lazy", point]);
  }
}

function cgroupsOf(vpsId: string): string[] {
  const root = "/sys/fs/cgroup";
  return [root, ...entries(root).map((name) => join(root, name))]
    .map((tree) => join(tree, "muster", vpsId))
    .filter((path) => existsSync(path));
}

async function removeVps(runcRoot: string, vpsId: string): Promise<void> {
  await execute(["runc", "--root", runcRoot, "delete", "--force", vpsId]);
  // The ifb of its outgoing rate too (node-agent's shaping.ts).
  for (const link of [vpsId, `${vpsId}-ifb`]) {
    if (existsSync(join("/sys/class/net", link))) await execute(["ip", "link", "delete", link]);
  }
  for (const path of cgroupsOf(vpsId)) await execute(["find", path, "-depth", "-type", "d", "-delete"]);
}

async function removeAgentDir(agentDir: string): Promise<void> {
  const runDir = runDirOf(agentDir);
  const ids = new Set(
    [...entries(join(runDir, "runc")), ...entries(join(agentDir, "vps"))].filter((id) => VPS_ID.test(id)),
  );
  for (const id of ids) await removeVps(join(runDir, "runc"), id);
  await unmountBelow(runDir);
  await unmountBelow(agentDir);
  const image = join(agentDir, "pool.img");
  const { stdout } = existsSync(image)
    ? await execute(["losetup", "--noheadings", "-O", "NAME", "-j", image])
    : { stdout: "" };
  for (const loop of stdout.split("\n").filter((line) => line.startsWith("/dev/loop")))
    await execute(["losetup", "-d", loop]);
  rmSync(runDir, { recursive: true, force: true });
}

/** The bridge that e2e gives to the product in that directory (e2e/product.ts). */
export function bridgeOf(directory: string): string | null {
  const [, name] = /\/muster-e2e-([a-z0-9]{1,11})$/.exec(directory) ?? [];
  return name === undefined ? null : `mt-${name}0`;
}

/** With the table of what its ports may send (node-agent's guard.ts). */
async function removeBridge(directory: string): Promise<void> {
  const bridge = bridgeOf(directory);
  if (bridge === null) return;
  if (existsSync(join("/sys/class/net", bridge))) await execute(["ip", "link", "delete", bridge]);
  await execute(["nft", "delete", "table", "bridge", `muster_${bridge.replaceAll(/[^a-z0-9]/g, "_")}`]);
}

/** One data directory with all that its agent made on the host. Nothing may be running in it. */
export async function sweepDirectory(directory: string): Promise<void> {
  for (const agentDir of [join(directory, "agent"), directory]) await removeAgentDir(agentDir);
  await removeBridge(directory);
  rmSync(directory, { recursive: true, force: true });
}

/** @returns what was removed, one line each */
export async function sweep(): Promise<string[]> {
  const left = testDirectories().filter((directory) => !isInUse(directory));
  for (const directory of left) await sweepDirectory(directory);
  return left.map((directory) => `removed ${directory}, left by an earlier run`);
}
