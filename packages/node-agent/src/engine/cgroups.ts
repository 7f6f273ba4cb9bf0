/**
 * The cgroups of a VPS, in both layouts of Linux: v2 (one tree) and v1 hybrid (a tree for each controller, and
 * a v2 tree without controllers at `unified`). Always /muster/<vpsId>, so that a look from outside finds it.
 */
import { existsSync, readdirSync } from "node:fs";
import { chown, mkdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MusterError } from "@muster/model/errors";
import type { VpsId } from "@muster/model/ids";
import type { Limits } from "@muster/model/limits/registry";
import type { CgroupFile, CgroupLayout, Cgroups, Clock, Controller, VpsPlan } from "./ports.ts";

/** Where runc puts a VPS, and what of it the guest's own systemd gets to see. */
export interface CgroupPlace {
  path: string;
  resources: object;
  mount: object;
  /** The cgroup that runc itself has to be started in, so that it becomes the root of the guest's namespace. */
  startIn: string | null;
}

export interface HostCgroups extends Cgroups {
  place(plan: VpsPlan): CgroupPlace;
  /** Makes what has to stand before runc runs. */
  prepare(plan: VpsPlan): Promise<void>;
  /** Whether any cgroup of it is left. */
  exists(vpsId: VpsId): boolean;
  /** Kills what is left in them and removes them. */
  remove(vpsId: VpsId): Promise<void>;
}

/** 100 ms, the kernel's own default: shorter periods cost more timer work for the same share. */
const CPU_PERIOD_US = 100_000;
const REMOVE_TRIES = 400;
const REMOVE_STEP_MS = 5;

export function findLayout(mountPoint: string): CgroupLayout {
  if (existsSync(join(mountPoint, "cgroup.controllers"))) return "v2";
  if (existsSync(join(mountPoint, "memory"))) return "v1-hybrid";
  throw new MusterError("unsupported", "The node has no cgroups mounted at /sys/fs/cgroup.");
}

export function openCgroups(clock: Clock, mountPoint = "/sys/fs/cgroup"): HostCgroups {
  const layout = findLayout(mountPoint);
  const trees = layout === "v2" ? [mountPoint] : v1Trees(mountPoint);
  const swapCounted = layout === "v2" || existsSync(join(mountPoint, "memory/memory.memsw.limit_in_bytes"));
  const pathOf = (vpsId: VpsId) => `/muster/${vpsId}`;
  const directories = (vpsId: VpsId) => trees.map((tree) => join(tree, pathOf(vpsId)));
  const treeRoot = (vpsId: VpsId, controller: Controller) =>
    join(mountPoint, layout === "v2" ? "" : controller, pathOf(vpsId));
  const fileOf = (vpsId: VpsId, { controller, name }: CgroupFile) => join(treeRoot(vpsId, controller), name);
  const unified = (vpsId: VpsId) => join(mountPoint, "unified", pathOf(vpsId));

  return {
    place: (plan) => ({
      path: pathOf(plan.vpsId),
      resources: ociResources(plan.limits, swapCounted),
      mount: layout === "v2" ? V2_MOUNT : unifiedMount(unified(plan.vpsId)),
      startIn: layout === "v1-hybrid" && plan.init === "systemd" ? unified(plan.vpsId) : null,
    }),
    prepare: async (plan) => {
      if (layout === "v2" || plan.init !== "systemd") return;
      const directory = unified(plan.vpsId);
      await mkdir(directory, { recursive: true });
      // What the kernel's cgroup-v2.rst calls delegation: the guest's root manages what is below.
      const delegated = ["", "cgroup.procs", "cgroup.subtree_control", "cgroup.threads"];
      await Promise.all(delegated.map((name) => chown(join(directory, name), plan.idBase, plan.idBase)));
    },
    exists: (vpsId) => directories(vpsId).some((directory) => existsSync(directory)),
    remove: async (vpsId) => {
      for (const directory of directories(vpsId)) await removeTree(directory, clock);
    },
    layout,
    make: async () => undefined,
    write: (vpsId, file, value) => writeFile(fileOf(vpsId, file), value),
    read: (vpsId, file) => readFile(fileOf(vpsId, file), "utf8"),
    writeBelow: async (vpsId, file, { text, parentsFirst }) => {
      const below = treeOf(treeRoot(vpsId, file.controller));
      for (const directory of parentsFirst ? below : below.toReversed())
        await writeFile(join(directory, file.name), text);
    },
    offers: async ({ controller, name }) =>
      existsSync(join(mountPoint, layout === "v2" ? "" : controller, "muster", name)),
  };
}

const V2_MOUNT = {
  destination: "/sys/fs/cgroup",
  type: "cgroup",
  source: "cgroup",
  // rw makes runc give the cgroup to the guest's root.
  options: ["nosuid", "noexec", "nodev", "relatime", "rw"],
};

function unifiedMount(source: string): object {
  return {
    destination: "/sys/fs/cgroup",
    type: "bind",
    source,
    options: ["bind", "rw", "nosuid", "noexec", "nodev"],
  };
}

/** Trees are directories; `cpu,cpuacct` and the like may be links to them, and are not followed twice. */
function v1Trees(mountPoint: string): string[] {
  return readdirSync(mountPoint, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(mountPoint, entry.name));
}

function quotaUs(cpuCores: number): number {
  return Math.round(cpuCores * CPU_PERIOD_US);
}

/** Shares follow the quota, so that a full node divides itself in the proportion that was promised. */
function shares(cpuCores: number): number {
  return Math.min(262_144, Math.max(2, Math.round(cpuCores * 1024)));
}

function ociResources(limits: Limits, swapCounted: boolean): object {
  const { "cpu.cores": cpuCores, "memory.max": memoryBytes, "pids.max": pidsMax } = limits;
  return {
    cpu: { quota: quotaUs(cpuCores), period: CPU_PERIOD_US, shares: shares(cpuCores) },
    // Memory and swap together: no more than the memory, that is, no swap.
    memory: { limit: memoryBytes, ...(swapCounted ? { swap: memoryBytes } : {}) },
    pids: { limit: pidsMax },
  };
}

/** A cgroup and every one below it, parents before their children. */
function treeOf(directory: string): string[] {
  return [directory, ...childrenOf(directory).flatMap((name) => treeOf(join(directory, name)))];
}

/** Deepest first; what still lives in it is killed, and it is tried again until the kernel lets it go. */
async function removeTree(directory: string, clock: Clock): Promise<void> {
  for (let attempt = 0; existsSync(directory); attempt += 1) {
    try {
      for (const name of childrenOf(directory)) await removeTree(join(directory, name), clock);
      await rmdir(directory);
    } catch (cause) {
      if (attempt >= REMOVE_TRIES) {
        throw new MusterError("engine_failed", "A cgroup of the VPS could not be removed.", { cause });
      }
      await killAll(directory);
      await clock.sleep(REMOVE_STEP_MS);
    }
  }
}

function childrenOf(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

async function killAll(directory: string): Promise<void> {
  const text = await readFile(join(directory, "cgroup.procs"), "utf8").catch(() => "");
  for (const line of text.split("\n").filter((word) => word !== "" && word !== "0")) {
    try {
      process.kill(Number(line), "SIGKILL");
    } catch (_gone) {
      // It ended between the reading and the killing, which is what was wanted.
    }
  }
}
