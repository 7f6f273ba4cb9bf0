/** What one VPS used, from its control groups: the same four figures out of either layout. */
import type { VpsSample } from "@muster/model/metrics/sample";
import { type CounterFile, openCounterFile } from "./counter-file.ts";
import { heldMemory, statField } from "./held-memory.ts";

export type VpsUsage = Pick<VpsSample, "cpuUserUs" | "cpuSystemUs" | "memoryBytes" | "pids">;

export interface VpsCounters {
  /** Null where the VPS is not there: it stopped, or has not quite started. */
  read(): VpsUsage | null;
  close(): void;
}

export interface CgroupPlace {
  layout: "v1-hybrid" | "v2";
  /** Below the mount point of each hierarchy: "/muster/v0123456789". */
  path: string;
  /** Where cgroups are mounted; tests give their own. */
  mount?: string;
}

export function openVpsCounters(place: CgroupPlace): VpsCounters {
  return place.layout === "v2" ? openV2(place) : openV1(place);
}

/** Documentation/admin-guide/cgroup-v2.rst */
function openV2({ path, mount = "/sys/fs/cgroup" }: CgroupPlace): VpsCounters {
  const open = (file: string) => openCounterFile(`${mount}${path}/${file}`);
  const [cpu, memory, memoryStat, pids] = [
    open("cpu.stat"),
    open("memory.current"),
    open("memory.stat"),
    open("pids.current"),
  ];
  return {
    read() {
      const [cpuText, memoryText, statText, pidsText] = [cpu.read(), memory.read(), memoryStat.read(), pids.read()];
      if (cpuText === null || memoryText === null || statText === null || pidsText === null) return null;
      return {
        cpuUserUs: statField(cpuText, "user_usec"),
        cpuSystemUs: statField(cpuText, "system_usec"),
        memoryBytes: heldMemory("v2", { usage: memoryText, stat: statText }),
        pids: Number(pidsText),
      };
    },
    close: () => closeAll([cpu, memory, memoryStat, pids]),
  };
}

/**
 * Documentation/admin-guide/cgroup-v1/cpuacct.rst. Not cpuacct.stat: it counts in ticks of 10 ms, one percent of a
 * core at 1 Hz; usage_user and usage_sys are in nanoseconds and add up to cpuacct.usage (seen on 6.18).
 */
function openV1({ path, mount = "/sys/fs/cgroup" }: CgroupPlace): VpsCounters {
  const open = (controller: string, file: string) => openCounterFile(`${mount}/${controller}${path}/${file}`);
  const user = open("cpuacct", "cpuacct.usage_user");
  const system = open("cpuacct", "cpuacct.usage_sys");
  const memory = open("memory", "memory.usage_in_bytes");
  const memoryStat = open("memory", "memory.stat");
  const pids = open("pids", "pids.current");
  return {
    read() {
      const [userText, systemText, pidsText] = [user.read(), system.read(), pids.read()];
      const [memoryText, statText] = [memory.read(), memoryStat.read()];
      if (userText === null || systemText === null || pidsText === null) return null;
      if (memoryText === null || statText === null) return null;
      return {
        cpuUserUs: Math.floor(Number(userText) / 1000),
        cpuSystemUs: Math.floor(Number(systemText) / 1000),
        memoryBytes: heldMemory("v1-hybrid", { usage: memoryText, stat: statText }),
        pids: Number(pidsText),
      };
    },
    close: () => closeAll([user, system, memory, memoryStat, pids]),
  };
}

function closeAll(files: readonly CounterFile[]): void {
  for (const file of files) file.close();
}
