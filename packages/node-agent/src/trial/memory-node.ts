/** The real placements over a machine in memory that survives its agent, and fails where it is told to. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CreateVps } from "@muster/agent-api/agent";
import { MusterError } from "@muster/model/errors";
import { limitsWith } from "@muster/model/limits/registry";
import type { ContainerState, Engine } from "../engine/ports.ts";
import { openPlacements, type Placements } from "../vps/placements.ts";

const NETWORK = { network: "10.81.0.0/24", gateway: "10.81.0.1" };
const TEMPLATE = { name: "busybox", description: "", sha256: "0".repeat(64), sizeBytes: 1, init: "busybox" } as const;

export const placed = (key: string, vpsId = "v000000000a", epoch = 1) => ({ key, vpsId, epoch });

export function creation(key: string, vpsId = "v000000000a", lastOctet = 10): CreateVps {
  return {
    ...placed(key, vpsId),
    generation: 1,
    mac: `02:4d:0a:51:00:${lastOctet.toString(16).padStart(2, "0")}`,
    spec: {
      name: "web",
      template: "busybox",
      address: `10.81.0.${lastOctet}`,
      limits: limitsWith({ "cpu.cores": 1, "memory.max": 64 << 20, "disk.max": 256 << 20, "pids.max": 64 }),
    },
  };
}

function createMemoryCgroups(): Engine["cgroups"] {
  const files = new Map<string, string>();
  return {
    layout: "v2",
    make: async () => undefined,
    write: async (vpsId, { name }, value) => {
      files.set(`${vpsId} ${name}`, value);
    },
    read: async (vpsId, { name }) => files.get(`${vpsId} ${name}`) ?? "",
    writeBelow: async (vpsId, { name }, { text }) => {
      files.set(`${vpsId} ${name}`, text);
    },
    offers: async () => true,
    divided: async () => ({ cpus: [0, 1], swapBytes: 0 }),
  };
}

/** A machine in memory that survives its agent, and fails or crashes where it is told to. */
function createMachine() {
  const areas = new Set<string>();
  const containers = new Map<string, ContainerState>();
  const hostnames = new Map<string, string>();
  const calls: string[] = [];
  const failing = new Set<string>();
  const doing = async (name: string, vpsId: string) => {
    calls.push(`${name} ${vpsId}`);
    if (failing.has(name)) throw new MusterError("engine_failed", `${name} was told to fail.`);
  };
  const engine: Engine = {
    clock: {
      nowMs: () => Date.now(),
      sleep: (_ms, signal) =>
        new Promise((resolve, reject) => {
          const timer = setTimeout(resolve, 1);
          signal?.addEventListener("abort", () => {
            clearTimeout(timer);
            reject(signal.reason);
          });
        }),
    },
    network: {
      prepare: async () => undefined,
      protect: async () => undefined,
      setRate: async () => undefined,
      readRate: async () => null,
      findRate: async () => ({ available: true, detail: "In memory." }),
    },
    cgroups: createMemoryCgroups(),
    storage: {
      prepare: async () => undefined,
      createArea: async ({ vpsId }) => {
        areas.add(vpsId);
        await doing("createArea", vpsId);
      },
      mountArea: ({ vpsId }) => doing("mountArea", vpsId),
      removeArea: async (vpsId) => {
        await doing("removeArea", vpsId);
        areas.delete(vpsId);
      },
      findDamage: async (vpsId) => (areas.has(vpsId) ? null : "Its private area is missing."),
      mustHaveRoom: async () => undefined,
      setAreaLimit: async () => undefined,
      readAreaLimit: async () => 256 << 20,
      areaUsed: async () => 0,
      blockDevice: async () => "7:0",
      usage: async () => ({ pool: { kind: "simulated", sizeBytes: 1, usedBytes: 0 }, areas: new Map() }),
    },
    containers: {
      start: async ({ vpsId, hostname }) => {
        hostnames.set(vpsId, hostname);
        containers.set(vpsId, { state: "half" });
        await doing("start", vpsId);
        const running = { state: "running", pid: 7, startedAtMs: 1000 } as const;
        containers.set(vpsId, running);
        return running;
      },
      askToStop: async ({ vpsId }) => {
        await doing("askToStop", vpsId);
        if (!failing.has("orderly")) containers.set(vpsId, { state: "half" });
      },
      rename: async ({ vpsId, hostname }) => {
        await doing("rename", vpsId);
        hostnames.set(vpsId, hostname);
      },
      remove: async (vpsId) => {
        await doing("remove", vpsId);
        containers.delete(vpsId);
      },
      inspect: async (vpsId) => containers.get(vpsId) ?? { state: "absent" },
    },
  };
  return { engine, areas, containers, hostnames, calls, failing };
}

export interface MemoryNode {
  machine: ReturnType<typeof createMachine>;
  /** Another agent on the same machine and the same journal: what a crash and a restart leave. */
  boot(): Promise<Placements>;
  clean(): Promise<void>;
}

export async function createMemoryNode(): Promise<MemoryNode> {
  const directory = await mkdtemp(join(tmpdir(), "muster-placements-"));
  const machine = createMachine();
  const agents: Placements[] = [];
  return {
    machine,
    boot: async () => {
      const agent = await openPlacements({
        engine: machine.engine,
        templates: { list: async () => [TEMPLATE], import: async () => TEMPLATE },
        journalDir: directory,
        network: NETWORK,
        log: () => undefined,
      });
      agents.push(agent);
      return agent;
    },
    clean: async () => {
      await Promise.all(agents.map((agent) => agent.close()));
      await rm(directory, { recursive: true });
    },
  };
}
