/**
 * A real node for tests: an agent directory, a pool, a bridge and a busybox template of its own, on the host's
 * kernel. Everything it makes is named after the process, so that the next run clears away after a killed one.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CreateVps } from "@muster/agent-api/agent";
import { macOf } from "@muster/model/address";
import { vpsIdSchema } from "@muster/model/ids";
import { type LimitsChange, limitsWith } from "@muster/model/limits/registry";
import { openEngine } from "../engine/engine.ts";
import { run, runOk } from "../engine/exec.ts";
import { tableOf } from "../engine/guard.ts";
import { type Layout, layoutOf } from "../engine/layout.ts";
import { detachPool, isAttached } from "../engine/pool.ts";
import type { Engine } from "../engine/ports.ts";
import { readProcess } from "../engine/proc.ts";
import { buildBusybox } from "../template/build-busybox.ts";
import { openTemplateStore } from "../template/store.ts";
import { openPlacements, type Placements } from "../vps/placements.ts";

export const TRIAL_PREFIX = "muster-trial-";
const MIB = 1024 * 1024;

export interface TrialNode {
  layout: Layout;
  engine: Engine;
  bridge: { bridge: string; network: string; gateway: string };
  /** An agent that has just started. Close one before opening the next, as a restart would. */
  boot(engine?: Engine): Promise<Placements>;
  creation(number: number, change?: LimitsChange): CreateVps;
  /** What recovery and the exit watcher said. */
  messages: string[];
  clean(): Promise<void>;
}

export async function createTrialNode(poolBytes = 1024 * MIB): Promise<TrialNode> {
  await sweep();
  const directory = await mkdtemp(join(tmpdir(), `${TRIAL_PREFIX}${process.pid}-`));
  return openTrialNode(directory, process.pid, poolBytes);
}

/** A node of another process's making: for a child that is to be killed in mid-work. */
export async function openTrialNode(directory: string, owner: number, poolBytes = 1024 * MIB): Promise<TrialNode> {
  const layout = layoutOf(directory);
  const bridge = bridgeOf(owner);
  const engine = openEngine({ layout, pool: { device: null, imageBytes: poolBytes }, bridge });
  const templates = openTemplateStore(layout);
  const messages: string[] = [];
  await templates.prepare();
  await importBusybox(layout);
  return {
    layout,
    engine,
    bridge,
    messages,
    creation: (number, change = {}) => creation(owner, number, change),
    boot: (over = engine) =>
      openPlacements({
        engine: over,
        templates,
        journalDir: layout.journalDir,
        network: bridge,
        log: ({ level, message, error }) => {
          messages.push(error === undefined ? `${level}: ${message}` : `${level}: ${message}: ${String(error)}`);
        },
      }),
    clean: () => clean(layout, bridge.bridge),
  };
}

function bridgeOf(owner: number): TrialNode["bridge"] {
  const third = owner % 250;
  return { bridge: `mt-${owner}`, network: `10.81.${third}.0/24`, gateway: `10.81.${third}.1` };
}

async function importBusybox(layout: Layout): Promise<void> {
  if (existsSync(layout.templateRootfs("busybox"))) return;
  const archive = await buildBusybox();
  await writeFile(join(layout.importDir, "busybox.tar"), archive);
  const sha256 = createHash("sha256").update(archive).digest("hex");
  const input = { key: "trial", name: "busybox", description: "", fileName: "busybox.tar", sha256 };
  await openTemplateStore(layout).import({ ...input, init: "busybox" }, new AbortController().signal);
}

/** The id has the owner in it: two runs of tests at once on one host have cgroups and links of one tree. */
function creation(owner: number, number: number, change: LimitsChange): CreateVps {
  const address = bridgeOf(owner).network.replace(/\.0\/24$/, `.${9 + number}`);
  return {
    key: `create-${number}`,
    vpsId: `v${owner.toString(36).padStart(6, "0")}${String(number).padStart(4, "0")}`,
    epoch: 1,
    generation: 1,
    mac: macOf(address),
    spec: {
      name: `trial-${number}`,
      template: "busybox",
      address,
      limits: limitsWith({
        "cpu.cores": 1,
        "memory.max": 64 * MIB,
        "disk.max": 128 * MIB,
        "pids.max": 64,
        ...change,
      }),
    },
  };
}

/** After a killed run: the process that its directory is named after is gone. */
export async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const owner = Number(new RegExp(`^${TRIAL_PREFIX}(\\d+)-`).exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(owner) || readProcess(owner)?.alive === true) continue;
    await clean(layoutOf(join(tmpdir(), name)), bridgeOf(owner).bridge);
  }
}

async function clean(layout: Layout, bridge: string): Promise<void> {
  const around = { bridge, network: "10.81.0.0/24", gateway: "10.81.0.1" };
  const engine = openEngine({ layout, pool: { device: null, imageBytes: 0 }, bridge: around });
  const places = [layout.runcRoot, layout.poolDir, join(layout.agentDir, "vps")];
  const names = (await Promise.all(places.map((place) => readdir(place).catch(() => [])))).flat();
  for (const vpsId of new Set(names.filter((name) => vpsIdSchema.safeParse(name).success))) {
    await engine.containers.remove(vpsId);
    if (isAttached(layout)) await engine.storage.removeArea(vpsId);
  }
  await detachPool(layout);
  await detachLoops(layout.agentDir);
  await run({ program: "nft", args: ["delete", "table", ...tableOf(bridge).split(" ")], timeoutMs: 10_000 });
  if (existsSync(`/sys/class/net/${bridge}`)) {
    await run({ program: "ip", args: ["link", "delete", "dev", bridge], timeoutMs: 10_000 });
  }
  await rm(layout.runDir, { recursive: true, force: true });
  await rm(layout.agentDir, { recursive: true, force: true });
}

/** Those that a test attached by hand; the pool's own goes with its mount. */
async function detachLoops(directory: string): Promise<void> {
  const args = ["--list", "--noheadings", "--raw", "--output", "NAME,BACK-FILE"];
  const listed = await runOk({ program: "losetup", args, timeoutMs: 10_000 });
  for (const line of listed.split("\n")) {
    const [device = "", image = ""] = line.split(" ");
    if (image.startsWith(`${directory}/`)) await run({ program: "losetup", args: ["-d", device], timeoutMs: 10_000 });
  }
}

/** Inside a running VPS, as the guest's root. */
export function inside(node: TrialNode, vpsId: string, ...argv: string[]) {
  return run({ program: "runc", args: ["--root", node.layout.runcRoot, "exec", vpsId, ...argv], timeoutMs: 20_000 });
}

/** What the host still holds of a VPS, looked at from outside the product. */
export async function leftovers(node: TrialNode, vpsId: string): Promise<string[]> {
  const look = (program: string, ...args: string[]) => runOk({ program, args, timeoutMs: 10_000 });
  const { layout } = node;
  const places: Record<string, string> = {
    "runc list": await look("runc", "--root", layout.runcRoot, "list", "--quiet"),
    "ip link": await look("ip", "-o", "link"),
    mounts: await look("cat", "/proc/self/mountinfo"),
    subvolumes: await look("btrfs", "subvolume", "list", layout.poolDir),
    firewall: await look("nft", "list", "ruleset"),
    cgroups: await look("find", "/sys/fs/cgroup", "-type", "d", "-path", "*/muster/*"),
    files: await look("find", layout.agentDir, layout.runDir, "-name", vpsId),
  };
  const found = Object.entries(places).filter(([, text]) => text.includes(vpsId));
  return found.map(([place]) => place);
}

/** The pool's own quota group, and one of each subvolume; more would be left over. */
export async function quotaGroups(node: TrialNode): Promise<number> {
  const args = ["qgroup", "show", "--raw", node.layout.poolDir];
  const text = await runOk({ program: "btrfs", args, timeoutMs: 10_000 });
  return text.split("\n").filter((line) => line.startsWith("0/")).length;
}
