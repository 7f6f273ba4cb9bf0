/**
 * The node's storage pool: one btrfs, on a block device that the operator names or in a sparse file by default.
 * It is attached at every start of the agent if a reboot left it detached, and it stays attached when the agent
 * stops: VPSs live on it.
 */
import { existsSync, statfsSync, statSync } from "node:fs";
import { chmod, mkdir, open, rename, rm } from "node:fs/promises";
import { MusterError } from "@muster/model/errors";
import { run, runOk } from "./exec.ts";
import type { Layout } from "./layout.ts";

export interface PoolConfig {
  /** A block device; null for the sparse file. */
  device: string | null;
  /** Size of the sparse file when it is made. */
  imageBytes: number;
}

const BTRFS_MAGIC = 0x9123_683e; // linux/magic.h
const TIMEOUT_MS = 120_000;
/**
 * On the disk a guest's root is id 0 like the host's, so what it marks setuid, and its device nodes, must mean nothing
 * here; in the VPS it is the root's own mount that counts. Reading must not write; what is deleted gives its space back
 * to the host, but not while somebody waits.
 */
const MOUNT_OPTIONS = "nosuid,nodev,noatime,discard=async";

export function isAttached(layout: Layout): boolean {
  return existsSync(layout.poolDir) && statfsSync(layout.poolDir).type === BTRFS_MAGIC;
}

export async function attachPool(layout: Layout, config: PoolConfig): Promise<void> {
  await mkdir(layout.poolDir, { recursive: true, mode: 0o700 });
  if (!isAttached(layout)) await mountPool(layout, config);
  await chmod(layout.poolDir, 0o700);
  // Without it no VPS would have a limit. Twice is no error, and an agent may have died between the two.
  await runOk({ program: "btrfs", args: ["quota", "enable", layout.poolDir], timeoutMs: TIMEOUT_MS });
}

async function mountPool(layout: Layout, config: PoolConfig): Promise<void> {
  if (config.device === null) {
    await makeImage(layout.poolImage, config.imageBytes);
    await mount(layout.poolImage, layout.poolDir, `loop,${MOUNT_OPTIONS}`);
  } else {
    await makeOnDevice(config.device);
    await mount(config.device, layout.poolDir, MOUNT_OPTIONS);
  }
}

/** The loop device goes with the mount. */
export async function detachPool(layout: Layout): Promise<void> {
  if (isAttached(layout)) await runOk({ program: "umount", args: [layout.poolDir], timeoutMs: TIMEOUT_MS });
}

async function mount(source: string, target: string, options: string): Promise<void> {
  await runOk({ program: "mount", args: ["-t", "btrfs", "-o", options, source, target], timeoutMs: TIMEOUT_MS });
}

/** Made under another name first: a crash in the middle leaves no half of a file system under the right one. */
async function makeImage(path: string, bytes: number): Promise<void> {
  if (existsSync(path)) return;
  const fresh = `${path}.new`;
  await rm(fresh, { force: true });
  const file = await open(fresh, "w", 0o600);
  try {
    await file.truncate(bytes);
  } finally {
    await file.close();
  }
  await makeFileSystem(fresh);
  await rename(fresh, path);
}

/** A device that holds anything else is not ours to wipe. */
async function makeOnDevice(device: string): Promise<void> {
  if (statSync(device, { throwIfNoEntry: false })?.isBlockDevice() !== true) {
    throw new MusterError("unsupported", `MUSTER_POOL names ${device}, which is no block device.`);
  }
  const probe = await run({
    program: "blkid",
    args: ["-p", "-o", "value", "-s", "TYPE", device],
    timeoutMs: TIMEOUT_MS,
  });
  const found = probe.stdout.trim();
  if (found === "btrfs") return;
  if (found !== "" || probe.exitCode !== 2) {
    throw new MusterError("unsupported", `MUSTER_POOL names ${device}, which is not empty (${found || "unreadable"}).`);
  }
  await makeFileSystem(device);
}

async function makeFileSystem(path: string): Promise<void> {
  await runOk({ program: "mkfs.btrfs", args: ["--quiet", "--label", "muster", path], timeoutMs: TIMEOUT_MS });
}
