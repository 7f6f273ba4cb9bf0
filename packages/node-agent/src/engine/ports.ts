/**
 * What the agent asks of the machine under it: five narrow ports. The real engine (runc, btrfs, netlink) and
 * the simulated one (packages/agent-sim) stand behind them, so everything above (dispatch, keys, epochs,
 * recovery, the order of steps) is the shipped code in both.
 *
 * Every method may be repeated: what is there already stays, what is gone already is no error. That is all
 * that recovery after a crash relies on.
 */
import type { VpsId } from "@muster/model/ids";
import type { Limits } from "@muster/model/limits/registry";
import type { GuestInit, NodeInventory } from "@muster/model/node";
import type { Finding } from "../inventory/finding.ts";

/** All that an engine has to know of one VPS. Nothing here was typed by a person but `hostname`, a checked DNS label. */
export interface VpsPlan {
  vpsId: VpsId;
  hostname: string;
  templateName: string;
  init: GuestInit;
  /** First of the 65,536 user and group ids of the host that belong to this VPS alone. */
  idBase: number;
  address: string;
  mac: string;
  limits: Limits;
}

export interface RunningInit {
  state: "running";
  /** The guest's init as the host numbers it. */
  pid: number;
  /** ms since the epoch. With the pid it names this run: a pid alone comes back. */
  startedAtMs: number;
}

/** `absent`: nothing of it. `half`: something is left of a start that never ended, or of a guest that died by itself. */
export type ContainerState = RunningInit | { state: "absent" } | { state: "half" };

export interface Containers {
  /**
   * Returns when the guest's init runs: with the limits of its cgroups, its network and its root already in place. The
   * limits of its link come after that, with the link that they are on.
   */
  start(plan: VpsPlan, signal: AbortSignal): Promise<RunningInit>;
  /** Asks the guest's init to stop in order, in the way that kind of init understands; returns at once. */
  askToStop(plan: VpsPlan): Promise<void>;
  /** Gives a running guest the plan's host name; what it has in its own files is left alone. */
  rename(plan: VpsPlan): Promise<void>;
  /** Kills every process of the VPS and clears away what it ran in: cgroups, interface, runtime state. Storage stays. */
  remove(vpsId: VpsId): Promise<void>;
  /** Cheap enough to be asked once a second for every VPS of a node. */
  inspect(vpsId: VpsId): Promise<ContainerState>;
}

export interface StorageUsage {
  pool: NonNullable<NodeInventory["pool"]>;
  /** Bytes that each private area holds; one that is being made may be missing. */
  areas: ReadonlyMap<VpsId, number>;
}

export interface Storage {
  /** Attaches the pool, making it where there is none yet. */
  prepare(): Promise<void>;
  /** Makes the private area with its limit and mounts the VPS's root over the template. pool_full, disk_full */
  createArea(plan: VpsPlan, signal: AbortSignal): Promise<void>;
  /** Mounts the root of a private area that exists: after a reboot the mounts are gone and the data is not. */
  mountArea(plan: VpsPlan): Promise<void>;
  /** Mounts, private area, quota group: all of it. */
  removeArea(vpsId: VpsId): Promise<void>;
  /** Why the private area cannot be used, or null when it is whole. */
  findDamage(vpsId: VpsId): Promise<string | null>;
  usage(): Promise<StorageUsage>;
  /** pool_full, when the pool has no room for so much more */
  mustHaveRoom(bytes: number): Promise<void>;
  /** The most that a private area may hold; up and down. */
  setAreaLimit(vpsId: VpsId, bytes: number): Promise<void>;
  readAreaLimit(vpsId: VpsId): Promise<number>;
  /** Bytes that one private area holds now, all that was written but not yet committed included. */
  areaUsed(vpsId: VpsId): Promise<number>;
  /** The block device under the pool as the kernel numbers it, "7:0"; null where there is none. */
  blockDevice(): Promise<string | null>;
}

export interface Network {
  /** The node's bridge with the gateway's address on it. */
  prepare(): Promise<void>;
  /** For a VPS that runs when an agent starts: what must stand around it may have been swept away meanwhile. */
  protect(plan: VpsPlan): Promise<void>;
  /** Of a VPS that runs. Null: no limit. A change does not drop what is queued. */
  setRate(vpsId: VpsId, direction: RateDirection, bitsPerSecond: number | null): Promise<void>;
  readRate(vpsId: VpsId, direction: RateDirection): Promise<number | null>;
  /** Whether rates of this direction can be held, in one sentence: what was found or what is missing. */
  findRate(direction: RateDirection): Promise<Finding>;
}

/** As the VPS sees it: egress is what it sends. */
export type RateDirection = "egress" | "ingress";

export type CgroupLayout = "v1-hybrid" | "v2";
/** By their names in v1; v2 has all their files in one directory. */
export type Controller = "cpu" | "cpuset" | "memory" | "blkio" | "pids";

/** A file of a VPS's cgroup, as the kernel's documents name it: { controller: "pids", name: "pids.max" }. */
export interface CgroupFile {
  controller: Controller;
  name: string;
}

export interface Cgroups {
  readonly layout: CgroupLayout;
  /**
   * Makes the cgroups of a VPS: before its first process, so that its limits are in place; and before a change, as an
   * agent of before may have made fewer of them.
   */
  make(plan: VpsPlan, signal: AbortSignal): Promise<void>;
  write(vpsId: VpsId, file: CgroupFile, value: string): Promise<void>;
  read(vpsId: VpsId, file: CgroupFile): Promise<string>;
  /**
   * Into this cgroup and, where the kernel asks for that (v1), into every one below it: from the top where it widens,
   * from the bottom where it narrows.
   */
  writeBelow(
    vpsId: VpsId,
    file: CgroupFile,
    value: { text: string; order: "from the top" | "from the bottom" },
  ): Promise<void>;
  /** Whether this kernel gives a VPS's cgroup such a file. */
  offers(file: CgroupFile): Promise<boolean>;
  /** What the node has to divide among its VPSs. */
  divided(): Promise<{ cpus: number[]; swapBytes: number }>;
}

export interface Clock {
  /** ms since the epoch. */
  nowMs(): number;
  /** Rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Engine {
  containers: Containers;
  storage: Storage;
  network: Network;
  cgroups: Cgroups;
  clock: Clock;
}
