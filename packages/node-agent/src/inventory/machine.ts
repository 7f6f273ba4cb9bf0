/** Processor, memory and operating system, from /proc (man 5 proc). */
import type { NodeInventory } from "@muster/model/node";
import { type Host, wholeNumber } from "./host.ts";

export function parseCpu(cpuinfo: string): NodeInventory["cpu"] {
  const values = (key: string) =>
    [...cpuinfo.matchAll(new RegExp(`^${key}\\s*:\\s*(.*)$`, "gm"))].map(([, value]) => value?.trim() ?? "");
  const mhz = Number(values("cpu MHz")[0] ?? "");
  const sockets = new Set(values("physical id")).size;
  return {
    // ARM's cpuinfo names no model and lists "Features" (arch/arm64/kernel/cpuinfo.c).
    model: values("model name")[0] ?? null,
    cores: Math.max(1, values("processor").length),
    sockets: sockets === 0 ? null : sockets,
    mhz: mhz > 0 ? mhz : null,
    flags: (values("flags")[0] ?? values("Features")[0] ?? "").split(/\s+/).filter((flag) => flag !== ""),
  };
}

export function parseMemory(meminfo: string): { memoryBytes: number; swapBytes: number } {
  const bytes = (key: string) => 1024 * Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, "m").exec(meminfo)?.[1] ?? "0");
  return { memoryBytes: bytes("MemTotal"), swapBytes: bytes("SwapTotal") };
}

export function parseOperatingSystem(osRelease: string | null): string {
  return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(osRelease ?? "")?.[1] ?? "unknown Linux";
}

/** v2: one hierarchy. v1 hybrid: a directory per controller, and perhaps a v2 one beside them for systemd. */
export async function cgroupLayout(host: Host): Promise<NodeInventory["cgroupLayout"]> {
  const top = await host.list("/sys/fs/cgroup");
  if (top.includes("cgroup.controllers")) return "v2";
  return top.includes("memory") && top.includes("pids") ? "v1-hybrid" : "none";
}

type Machine = Pick<
  NodeInventory,
  "hostname" | "operatingSystem" | "kernel" | "bootId" | "cgroupLayout" | "cpu" | "memoryBytes" | "swapBytes"
>;

export async function readMachine(host: Host): Promise<Machine> {
  const read = async (path: string) => (await host.read(path)) ?? "";
  return {
    hostname: await read("/proc/sys/kernel/hostname"),
    operatingSystem: parseOperatingSystem(await host.read("/etc/os-release")),
    kernel: await read("/proc/sys/kernel/osrelease"),
    bootId: await read("/proc/sys/kernel/random/boot_id"),
    cgroupLayout: await cgroupLayout(host),
    cpu: parseCpu(await read("/proc/cpuinfo")),
    ...parseMemory(await read("/proc/meminfo")),
  };
}

/** Memory-backed and loop devices are no disks of the machine. */
const NO_DISK = /^(loop|ram|zram|sr|fd|nbd)\d/;
/** The unit of /sys/block/X/size, whatever the disk's own sector is (Documentation/ABI/stable/sysfs-block). */
const SECTOR_BYTES = 512;

export async function readDisks(host: Host): Promise<NodeInventory["disks"]> {
  const names = (await host.list("/sys/block")).filter((name) => !NO_DISK.test(name));
  return Promise.all(
    names.map(async (name) => {
      const at = (file: string) => host.read(`/sys/block/${name}/${file}`);
      const rotational = await at("queue/rotational");
      return {
        name,
        model: await at("device/model"),
        sizeBytes: (wholeNumber(await at("size")) ?? 0) * SECTOR_BYTES,
        rotational: rotational === null ? null : rotational === "1",
        readOnly: (await at("ro")) === "1",
      };
    }),
  );
}
