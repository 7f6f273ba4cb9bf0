/**
 * A simulated node: the real agent (packages/node-agent) over an engine that has no machine under it. What
 * stands in its data directory outlives it, so it can be stopped, crashed and started again like a real one.
 *
 * It is never presented as real: its description, its inventory and each of its capabilities say "simulated".
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Agent, PROTOCOL_VERSION } from "@muster/agent-api/agent";
import { MusterError } from "@muster/model/errors";
import { createAgent } from "@muster/node-agent/agent";
import type { Clock, VpsPlan } from "@muster/node-agent/engine/ports";
import { type Log, openPlacements, type Placements } from "@muster/node-agent/vps/placements";
import { machineClock } from "./clock.ts";
import { createConsole } from "./console.ts";
import { totalsAt, usedAt } from "./counters.ts";
import { createEngine } from "./engine.ts";
import { hardwareOf, inventoryOf, type NodeNetwork } from "./hardware.ts";
import { createMachine } from "./machine.ts";
import { createSamples } from "./samples.ts";
import { createTemplates } from "./templates.ts";
import { openWorld } from "./world.ts";

export interface SimulatedNodeOptions {
  nodeId: string;
  /** The host name that the node reports. */
  name: string;
  /** Hardware, traffic and all else follow from it: another seed, another node. */
  seed: string;
  /** Made when missing, 0700. */
  dataDir: string;
  network?: NodeNetwork;
  clock?: Clock;
  /** 1 as measured on real nodes (machine.ts), 0 for tests in which time is of no matter. */
  latencyScale?: number;
  log?: Log;
}

export interface SimulatedNode extends Agent {
  /** Stops in order: what is under way is finished. The VPSs go on running, as on a real node. */
  close(): Promise<void>;
  /** As kill -9 of the agent: what is under way never goes on and never answers. */
  crash(): void;
}

export const SIMULATED_VERSION = "0.1.0";
const DEFAULT_NETWORK: NodeNetwork = { bridge: "muster0", network: "10.80.0.0/24", gateway: "10.80.0.1" };

function planOf(placements: Placements, vpsId: string): VpsPlan {
  const run = placements.running().find(({ plan }) => plan.vpsId === vpsId);
  if (run === undefined) throw new MusterError("state_conflict", "The VPS does not run.");
  return run.plan;
}

export async function createSimulatedNode(options: SimulatedNodeOptions): Promise<SimulatedNode> {
  const { nodeId, name, seed, dataDir, network = DEFAULT_NETWORK, log = () => undefined } = options;
  const machine = createMachine(options.clock ?? machineClock, options.latencyScale ?? 1);
  const { clock } = machine;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const world = openWorld({
    directory: dataDir,
    seed,
    nowMs: () => clock.nowMs(),
    totalsOf: (run) => totalsAt(run, clock.nowMs()),
    usedOf: (run) => usedAt(run, clock.nowMs()),
  });
  const hardware = hardwareOf(seed);
  const engine = createEngine(world, machine, hardware);
  const templates = createTemplates(world, machine);
  const journalDir = join(dataDir, "journal");
  const placements = await openPlacements({ engine, templates, journalDir, network, log });
  const { bootId } = world.state;

  const agent = createAgent({
    description: {
      protocolVersion: PROTOCOL_VERSION,
      agentVersion: SIMULATED_VERSION,
      nodeId,
      bootId,
      simulated: true,
    },
    placements,
    templates,
    samples: createSamples({ world, seed, hardware }, clock),
    console: createConsole({ world, machine, planOf: (vpsId) => planOf(placements, vpsId) }),
    inventory: async () => {
      const { pool } = await engine.storage.usage();
      const limits = await placements.findLimits();
      return inventoryOf({ hostname: name, seed, bootId, network, poolUsedBytes: pool.usedBytes, limits });
    },
  });
  return { ...agent, close: () => placements.close(), crash: () => machine.powerOff() };
}
