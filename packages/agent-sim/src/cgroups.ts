/**
 * The cgroups and the link's rates of the VPSs of a simulated node: the files of cgroup v2 with the kernel's own habits,
 * so that the drivers of the limits under test are the shipped ones. What is written here, the counters keep to.
 */
import type { CgroupFile, Cgroups, Network, VpsPlan } from "@muster/node-agent/engine/ports";
import { can } from "@muster/node-agent/inventory/finding";
import { vpsSampleOf } from "./counters.ts";
import { failOnOrder, orderedMs } from "./failures.ts";
import type { Hardware } from "./hardware.ts";
import type { Machine } from "./machine.ts";
import type { World } from "./world.ts";

/** As the kernel makes them. */
const FRESH: Record<string, string> = {
  "cpu.max": "max 100000",
  "cpu.weight": "100",
  "cpuset.cpus": "",
  "io.max": "",
  "memory.max": "max",
  "memory.swap.max": "max",
  "pids.max": "max",
};
const COUNTED = ["memory.current", "memory.stat", "pids.current"];
/** The CPU quota goes through: a change of several limits has begun when `sim-fail-limits` fails. */
const NEVER_FAILS = "cpu.max";

export interface KernelFacts {
  world: World;
  machine: Machine;
  hardware: Hardware;
}

export function createCgroups({ world, machine, hardware }: KernelFacts): Cgroups {
  function filesOf(vpsId: string): Record<string, string> {
    const files = world.state.cgroups[vpsId] ?? { ...FRESH };
    world.state.cgroups[vpsId] = files;
    return files;
  }

  async function write(vpsId: string, { name }: CgroupFile, value: string): Promise<void> {
    await machine.work(0);
    const files = filesOf(vpsId);
    const after = name === "io.max" ? mergeDevice(files[name] ?? "", value) : value;
    if (files[name] === after) return;
    if (name !== NEVER_FAILS && world.runOf(vpsId) !== undefined) failOnOrder(world.hostnameOf(vpsId), "limits");
    files[name] = after;
    world.allow(vpsId);
    world.save();
  }

  function counted(vpsId: string, name: string): string {
    const run = world.runOf(vpsId);
    const sample = run === undefined ? { memoryBytes: 0, pids: 0 } : vpsSampleOf(run, world.nowMs());
    if (name === "memory.stat") return "file 0\nshmem 0";
    return String(name === "pids.current" ? sample.pids : sample.memoryBytes);
  }

  return {
    layout: "v2",
    make: async (plan: VpsPlan, signal) => {
      const changing = world.runOf(plan.vpsId) !== undefined;
      await machine.work(changing ? 1 : 0, signal, changing ? orderedMs(plan.hostname, "limits") : null);
      filesOf(plan.vpsId);
    },
    write,
    writeBelow: (vpsId, file, { text }) => write(vpsId, file, text),
    read: async (vpsId, { name }) => {
      await machine.work(0);
      return COUNTED.includes(name) ? counted(vpsId, name) : (filesOf(vpsId)[name] ?? "");
    },
    offers: async ({ name }) => Object.hasOwn(FRESH, name) || COUNTED.includes(name),
    divided: async () => ({ cpus: Array.from({ length: hardware.cores }, (_, cpu) => cpu), swapBytes: 0 }),
  };
}

/** A write to io.max names a device and some of its keys; the others stay, and a device without limits is not listed. */
function mergeDevice(text: string, written: string): string {
  const [device = "", ...pairs] = written.split(" ");
  const lines = new Map(text.split("\n").flatMap((line) => (line === "" ? [] : [parseDevice(line)])));
  const keys = new Map([...(lines.get(device) ?? NO_KEYS), ...parsePairs(pairs)]);
  lines.set(device, keys);
  return [...lines]
    .filter(([, found]) => [...found.values()].some((value) => value !== "max"))
    .map(([name, found]) => `${name} ${[...found].map((pair) => pair.join("=")).join(" ")}`)
    .join("\n");
}

const NO_KEYS = parsePairs(["rbps=max", "wbps=max", "riops=max", "wiops=max"]);

function parseDevice(line: string): [string, Map<string, string>] {
  const [device = "", ...pairs] = line.split(" ");
  return [device, parsePairs(pairs)];
}

function parsePairs(pairs: readonly string[]): Map<string, string> {
  return new Map(
    pairs.map((pair): [string, string] => {
      const [key = "", value = ""] = pair.split("=");
      return [key, value];
    }),
  );
}

export function createNetwork({ world, machine }: KernelFacts): Network {
  return {
    prepare: () => machine.work(0),
    protect: () => machine.work(0),
    setRate: async (vpsId, direction, bitsPerSecond) => {
      await machine.work(0);
      const rates = world.state.rates[vpsId] ?? { egress: null, ingress: null };
      if (rates[direction] === bitsPerSecond) return;
      failOnOrder(world.hostnameOf(vpsId), "limits");
      world.state.rates[vpsId] = { ...rates, [direction]: bitsPerSecond };
      world.allow(vpsId);
      world.save();
    },
    readRate: async (vpsId, direction) => {
      await machine.work(0);
      return world.state.rates[vpsId]?.[direction] ?? null;
    },
    findRate: async (direction) => can(`What it ${direction === "egress" ? "sends" : "receives"} keeps to a rate.`),
  };
}
