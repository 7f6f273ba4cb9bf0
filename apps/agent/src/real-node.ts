/** The agent of this machine: its parts, put together. */
import { join } from "node:path";
import { type Agent, PROTOCOL_VERSION } from "@muster/agent-api/agent";
import { createAgent } from "@muster/node-agent/agent";
import { findLayout } from "@muster/node-agent/engine/cgroups";
import { openEngine } from "@muster/node-agent/engine/engine";
import { layoutOf } from "@muster/node-agent/engine/layout";
import { createInventory } from "@muster/node-agent/inventory/inventory";
import { startSampling } from "@muster/node-agent/samplers/live-samples";
import { createNodeSampler } from "@muster/node-agent/samplers/node-sampler";
import { openTemplateStore } from "@muster/node-agent/template/store";
import { openConsole } from "@muster/node-agent/terminal/console";
import { openPlacements } from "@muster/node-agent/vps/placements";
import type { Logger } from "pino";
import type { Environment } from "./env.ts";
import { hostOf } from "./host.ts";
import { AGENT_VERSION } from "./version.ts";

export interface NodeInService {
  agent: Agent;
  /** Everything but the VPSs stops. */
  close(): Promise<void>;
}

const CGROUP_MOUNT = "/sys/fs/cgroup";

export async function startRealNode(environment: Environment, nodeId: string, log: Logger): Promise<NodeInService> {
  const layout = layoutOf(environment.agentDirectory);
  const { host, criu, bootId } = await hostOf(environment);
  const engine = openEngine({ layout, pool: environment.pool, bridge: environment.network });
  const templates = openTemplateStore(layout);
  await templates.prepare();
  const placements = await openPlacements({
    engine,
    templates,
    journalDir: layout.journalDir,
    network: environment.network,
    log: ({ level, message, error, ...facts }) => log[level]({ ...facts, ...(error ? { err: error } : {}) }, message),
  });
  const console = await openConsole({ runcRoot: layout.runcRoot, directory: join(layout.runDir, "terminals") });
  const cgroups = findLayout(CGROUP_MOUNT);
  const sampler = createNodeSampler({
    bootId,
    running: () =>
      placements.running().map(({ plan, pid, startedAtMs }) => ({ vpsId: plan.vpsId, runId: `${pid}-${startedAtMs}` })),
    cgroupOf: (vpsId) => ({ layout: cgroups, path: `/muster/${vpsId}` }),
  });
  const samples = startSampling(sampler.take, (error) => log.error({ err: error }, "a sample could not be taken"));
  const inventory = createInventory({
    host,
    criu,
    network: environment.network,
    pool: async () => (await engine.storage.usage()).pool,
    limits: () => placements.findLimits(),
  });
  const description = {
    protocolVersion: PROTOCOL_VERSION,
    agentVersion: AGENT_VERSION,
    nodeId,
    bootId,
    simulated: false,
  };
  return {
    agent: createAgent({ description, placements, templates, samples, console, inventory }),
    close: async () => {
      samples.close();
      sampler.close();
      await console.shutDown();
      await placements.close();
    },
  };
}
