/**
 * The cgroups of a VPS, in both layouts of Linux: v2 (one tree) and v1 hybrid (a tree for each controller, and
 * a v2 tree without controllers at `unified`). Always /muster/<vpsId>, so that a look from outside finds it.
 */
import { existsSync, readdirSync } from "node:fs";
import { chown, mkdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { basename, join } from "node:path";
import { MusterError } from "@muster/model/errors";
import type { VpsId } from "@muster/model/ids";
import { parseCpus } from "@muster/model/limits/cpu-pinning";
import type { CgroupFile, CgroupLayout, Cgroups, Clock, Controller, VpsPlan } from "./ports.ts";

/** Where runc puts a VPS, and what of it the guest's own systemd gets to see. */
export interface CgroupPlace {
  path: string;
  mount: object;
  /** The cgroup that runc itself has to be started in, so that it becomes the root of the guest's namespace. */
  startIn: string | null;
}

export interface HostCgroups extends Cgroups {
  place(plan: VpsPlan): CgroupPlace;
  /** Whether any cgroup of it is left. */
  exists(vpsId: VpsId): boolean;
  /** Kills what is left in them and removes them. */
  remove(vpsId: VpsId): Promise<void>;
}

const CONTROLLERS: readonly Controller[] = ["cpu", "cpuset", "memory", "blkio", "pids"];
const PARENT = "muster";
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
  const directories = (vpsId: VpsId) => trees.map((tree) => join(tree, PARENT, vpsId));
  const unified = (vpsId: VpsId) => join(mountPoint, "unified", PARENT, vpsId);
  const treeOf = (controller: Controller) => (layout === "v2" ? mountPoint : join(mountPoint, controller));
  const directoryOf = (vpsId: VpsId, controller: Controller) => join(treeOf(controller), PARENT, vpsId);
  const fileOf = (vpsId: VpsId, { controller, name }: CgroupFile) => join(directoryOf(vpsId, controller), name);
  const mounted = CONTROLLERS.filter((controller) => existsSync(treeOf(controller)));

  async function makeParents(): Promise<void> {
    if (layout === "v2") {
      await makeV2Parent(mountPoint);
      return await weighParent(join(mountPoint, PARENT), V2_WEIGHT);
    }
    for (const controller of mounted) await mkdir(join(treeOf(controller), PARENT), { recursive: true });
    if (mounted.includes("cpuset")) await fillCpuset(join(treeOf("cpuset"), PARENT));
    if (mounted.includes("cpu")) await weighParent(join(treeOf("cpu"), PARENT), V1_SHARES);
  }

  return {
    layout,
    place: (plan) => ({
      path: `/${PARENT}/${plan.vpsId}`,
      mount: layout === "v2" ? V2_MOUNT : unifiedMount(unified(plan.vpsId)),
      startIn: layout === "v1-hybrid" && plan.init === "systemd" ? unified(plan.vpsId) : null,
    }),
    make: async (plan) => {
      await makeParents();
      if (layout === "v2") return void (await mkdir(directoryOf(plan.vpsId, "cpu"), { recursive: true }));
      for (const controller of mounted) await mkdir(directoryOf(plan.vpsId, controller), { recursive: true });
      if (mounted.includes("cpuset")) await fillCpuset(directoryOf(plan.vpsId, "cpuset"));
      if (plan.init === "systemd") await delegate(unified(plan.vpsId), plan.idBase);
    },
    exists: (vpsId) => directories(vpsId).some((directory) => existsSync(directory)),
    remove: async (vpsId) => {
      for (const directory of directories(vpsId)) await removeTree(directory, clock);
    },
    write: (vpsId, file, value) => put(fileOf(vpsId, file), value),
    read: (vpsId, file) => look(fileOf(vpsId, file)),
    writeBelow: async (vpsId, { controller, name }, { text, order }) => {
      const top = directoryOf(vpsId, controller);
      // In v2 those below hold to those above by themselves, are the guest's own, and may have no such file.
      const all = layout === "v2" ? [top] : withChildren(top);
      for (const one of order === "from the top" ? all : all.toReversed()) await put(join(one, name), text);
    },
    offers: async ({ controller, name }) => {
      await makeParents();
      return existsSync(join(treeOf(controller), PARENT, name));
    },
    divided: async () => {
      await makeParents();
      const [file, swaps] = await Promise.all([
        readFile(join(treeOf("cpuset"), PARENT, layout === "v2" ? V2_CPUS : V1_CPUS), "utf8").catch(() => ""),
        readFile("/proc/swaps", "utf8").catch(() => ""),
      ]);
      return { cpus: parseCpus(file) ?? allCpus(), swapBytes: swapBytesOf(swaps) };
    },
  };
}

async function put(path: string, text: string): Promise<void> {
  await writeFile(path, text).catch((cause: unknown) => {
    throw new MusterError("engine_failed", `The node's kernel did not take ${text} for ${basename(path)}.`, { cause });
  });
}

async function look(path: string): Promise<string> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new MusterError("engine_failed", `The node's kernel has no ${basename(path)} for the VPS.`, { cause });
  });
  return text.trim();
}

/** The CPUs that are online; in v1 what the node's own cgroup was given. */
const V1_CPUS = "cpuset.cpus";
const V2_CPUS = "cpuset.cpus.effective";

function allCpus(): number[] {
  return cpus().map((_, index) => index);
}

/** man 5 proc_swaps: the third column is the size in KiB. */
function swapBytesOf(text: string): number {
  const lines = text.split("\n").slice(1);
  return lines.reduce((sum, line) => sum + Number(line.split(/\s+/)[2] ?? 0) * 1024, 0);
}

/** In v2 a controller is in a cgroup only where its parent passes it on; one that the kernel lacks is passed over. */
async function makeV2Parent(mountPoint: string): Promise<void> {
  const parent = join(mountPoint, PARENT);
  await mkdir(parent, { recursive: true });
  for (const directory of [mountPoint, parent]) {
    const has = await readFile(join(directory, "cgroup.controllers"), "utf8").catch(() => "");
    const passes = await readFile(join(directory, "cgroup.subtree_control"), "utf8").catch(() => "");
    for (const controller of ["cpu", "cpuset", "memory", "io", "pids"]) {
      if (!has.split(/\s+/).includes(controller) || passes.split(/\s+/).includes(controller)) continue;
      await writeFile(join(directory, "cgroup.subtree_control"), `+${controller}`);
    }
  }
}

/**
 * All VPSs together weigh ten times what one program of the host does, and not as much as one: a guest that wakes up for
 * a request does not queue behind the agent, or a backup; what the host does keeps an eleventh of a busy machine. With
 * the kernel's initial weight 1.7 % of the answers to a client that asks every 5 ms came more than 7 ms after the one
 * before, with this 0.4 % (two cores, a change of limits every 100 ms). Whoever has set another one knows why.
 */
async function weighParent(directory: string, { name, initial, ours }: Weight): Promise<void> {
  const path = join(directory, name);
  const found = await readFile(path, "utf8").catch(() => null); // a kernel without it
  if (found?.trim() === initial) await writeFile(path, ours);
}

interface Weight {
  name: string;
  /** The kernel's own (cgroup-v2.rst, cpu.weight; sched-design-CFS.rst, cpu.shares). */
  initial: string;
  ours: string;
}
const V2_WEIGHT: Weight = { name: "cpu.weight", initial: "100", ours: "1000" };
const V1_SHARES: Weight = { name: "cpu.shares", initial: "1024", ours: "10240" };

/** A cpuset of v1 is born empty, and takes no process until it has CPUs and memory nodes: those of its parent. */
async function fillCpuset(directory: string): Promise<void> {
  for (const name of [V1_CPUS, "cpuset.mems"]) {
    if ((await readFile(join(directory, name), "utf8")).trim() !== "") continue;
    await writeFile(join(directory, name), await readFile(join(directory, "..", name), "utf8"));
  }
}

/** What the kernel's cgroup-v2.rst calls delegation: the guest's root manages what is below. */
async function delegate(directory: string, owner: number): Promise<void> {
  await mkdir(directory, { recursive: true });
  const delegated = ["", "cgroup.procs", "cgroup.subtree_control", "cgroup.threads"];
  await Promise.all(delegated.map((name) => chown(join(directory, name), owner, owner)));
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

/** A cgroup and every one below it, parents before their children. */
function withChildren(directory: string): string[] {
  return [directory, ...childrenOf(directory).flatMap((name) => withChildren(join(directory, name)))];
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
