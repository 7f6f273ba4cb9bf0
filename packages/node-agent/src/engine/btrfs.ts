/** Storage by btrfs and overlayfs: a subvolume with a limit per VPS, and its root over the shared template. */
import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { MusterError } from "@muster/model/errors";
import { type VpsId, vpsIdSchema } from "@muster/model/ids";
import { formatBytes } from "@muster/model/units";
import { z } from "zod";
import type { Layout } from "./layout.ts";
import { native } from "./native.ts";
import { attachPool, type PoolConfig } from "./pool.ts";
import { blockDeviceUnder } from "./pool-device.ts";
import type { Storage, StorageUsage, VpsPlan } from "./ports.ts";

const limitSchema = z.object({ limitBytes: z.number().int().nonnegative().nullable() });
const useSchema = z.object({ usedBytes: z.number().int().nonnegative() });
const usageSchema = z.record(z.string(), z.number().int().nonnegative());

export function openBtrfs(layout: Layout, config: PoolConfig): Storage {
  const areaDir = (vpsId: VpsId) => join(layout.poolDir, vpsId);
  const mountCommand = (plan: VpsPlan) => [
    "root-mount",
    layout.templateRootfs(plan.templateName),
    areaDir(plan.vpsId),
    String(plan.idBase),
    layout.mountDir(plan.vpsId),
  ];

  function mustHaveTemplate(plan: VpsPlan): void {
    if (existsSync(layout.templateRootfs(plan.templateName))) return;
    throw new MusterError("template_missing", `The node has no template ${plan.templateName}.`, { field: "template" });
  }

  return {
    prepare: async () => {
      await makePassable(layout.runDir);
      await attachPool(layout, config);
    },
    createArea: async (plan, signal) => {
      mustHaveTemplate(plan);
      await refuseTooMuch(layout, config, plan.limits["disk.max"]);
      signal.throwIfAborted();
      const limit = String(plan.limits["disk.max"]);
      await native(["area-create", layout.poolDir, plan.vpsId, limit], mountCommand(plan));
    },
    mountArea: async (plan) => {
      mustHaveTemplate(plan);
      if (!(await isMounted(layout.rootfs(plan.vpsId)))) await native(mountCommand(plan));
    },
    removeArea: async (vpsId) => {
      await native(["root-unmount", layout.mountDir(vpsId)], ["area-remove", layout.poolDir, vpsId]);
    },
    findDamage: async (vpsId) => {
      const missing = ["upper", "work"].filter((name) => !existsSync(join(areaDir(vpsId), name)));
      return missing.length === 0 ? null : "Its private area is missing from the pool.";
    },
    usage: () => readUsage(layout, config),
    mustHaveRoom: (bytes) => refuseTooMuch(layout, config, bytes),
    setAreaLimit: async (vpsId, bytes) => {
      await native(["area-limit", layout.poolDir, vpsId, String(bytes)]);
    },
    readAreaLimit: async (vpsId) => {
      const { limitBytes } = limitSchema.parse(JSON.parse(await native(["area-read", layout.poolDir, vpsId])));
      if (limitBytes !== null) return limitBytes;
      throw new MusterError("engine_failed", "The quota group of the VPS has no limit.");
    },
    areaUsed: async (vpsId) => {
      const { usedBytes } = useSchema.parse(JSON.parse(await native(["area-use", layout.poolDir, vpsId])));
      return usedBytes;
    },
    blockDevice: async () => blockDeviceUnder(layout.poolDir),
  };
}

/**
 * The guest's init, whom the host's root has given its own ids, must pass through to its root. Whoever was here
 * first (runc makes its --root, and all above it, for root alone) has not thought of that.
 */
async function makePassable(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await chmod(join(directory, ".."), 0o711);
  await chmod(directory, 0o711);
}

/** A mount is another device than the directory that it stands in. */
async function isMounted(path: string): Promise<boolean> {
  if (!existsSync(path)) return false;
  const [here, above] = await Promise.all([stat(path), stat(join(path, ".."))]);
  return here.dev !== above.dev;
}

/**
 * A limit is a promise. One that does not fit in what is free now is refused; more than that is not reserved,
 * since private areas share what they do not use. A sparse file has no more room than the disk below it.
 */
async function refuseTooMuch(layout: Layout, config: PoolConfig, diskBytes: number): Promise<void> {
  const pool = await statfs(layout.poolDir);
  const below = config.device === null ? await statfs(layout.agentDir) : pool;
  const freeBytes = Math.min(pool.bavail * pool.bsize, below.bavail * below.bsize);
  if (diskBytes <= freeBytes) return;
  throw new MusterError(
    "pool_full",
    `The pool has ${formatBytes(freeBytes)} free; ${formatBytes(diskBytes)} more were asked for.`,
    { field: "limits.disk.max" },
  );
}

async function readUsage(layout: Layout, config: PoolConfig): Promise<StorageUsage> {
  const names = (await readdir(layout.poolDir)).filter((name) => vpsIdSchema.safeParse(name).success);
  const [pool, areas] = await Promise.all([
    statfs(layout.poolDir),
    names.length === 0 ? {} : native(["area-usage", layout.poolDir, ...names]).then((text) => parseUsage(text)),
  ]);
  return {
    pool: {
      kind: config.device === null ? "btrfs-loop" : "btrfs-device",
      sizeBytes: pool.blocks * pool.bsize,
      usedBytes: (pool.blocks - pool.bfree) * pool.bsize,
    },
    areas: new Map(Object.entries(areas)),
  };
}

function parseUsage(text: string): Record<string, number> {
  return usageSchema.parse(JSON.parse(text));
}
