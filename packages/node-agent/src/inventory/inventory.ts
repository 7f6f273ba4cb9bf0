/** The node's inventory, put together. Programs are asked rarely: what cannot change while the agent runs is kept. */
import { arch } from "node:process";
import type { Capability, LimitFinding, NodeInventory } from "@muster/model/node";
import { findCapabilities } from "./capabilities.ts";
import type { Host } from "./host.ts";
import { readDisks, readMachine } from "./machine.ts";
import { readNics } from "./nics.ts";

export interface InventoryParts {
  host: Host;
  criu: string | null;
  network: NodeInventory["network"];
  /** Null until the pool is attached. */
  pool: () => Promise<NodeInventory["pool"]>;
  /** What the limits' drivers found. */
  limits: () => Promise<LimitFinding[]>;
}

/** Packages get installed, modules loaded, offloads switched: programs are asked again after this long. */
const CAPABILITIES_KEPT_MS = 300_000;
const PROGRAMS_KEPT_MS = 60_000;

export function createInventory(parts: InventoryParts): () => Promise<NodeInventory> {
  const { criu } = parts;
  const host = remembering(parts.host);
  let probed: { atMs: number; capabilities: Promise<Capability[]> } | null = null;

  return async () => {
    const machine = await readMachine(host);
    const nowMs = performance.now();
    if (probed === null || nowMs - probed.atMs > CAPABILITIES_KEPT_MS) {
      const { cgroupLayout, kernel } = machine;
      probed = { atMs: nowMs, capabilities: findCapabilities({ host, criu, cgroupLayout, kernel }) };
    }
    return {
      ...machine,
      architecture: arch,
      disks: await readDisks(host),
      nics: await readNics(host),
      pool: await parts.pool(),
      network: parts.network,
      capabilities: await probed.capabilities,
      limits: await parts.limits(),
    };
  };
}

/** Two programs a NIC cost 30 ms of a slow core: too much for every look at the node. */
function remembering(host: Host): Host {
  const kept = new Map<string, { atMs: number; ran: ReturnType<Host["run"]> }>();
  return {
    ...host,
    run: (argv) => {
      const key = argv.join("\0");
      const nowMs = performance.now();
      const known = kept.get(key);
      if (known !== undefined && nowMs - known.atMs < PROGRAMS_KEPT_MS) return known.ran;
      const ran = host.run(argv);
      kept.set(key, { atMs: nowMs, ran });
      return ran;
    },
  };
}
