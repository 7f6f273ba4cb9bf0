/** `agentFor(nodeId)`: the typed client of that node's agent, behind the node's gate; one connection pool per node. */
import type { Agent } from "@muster/agent-api/agent";
import type { AgentClient } from "@muster/agent-api/client";
import { createGate, GATE_DEFAULTS, type Gate } from "./agents/gate.ts";
import type { Clock } from "./clock.ts";
import type { NodeAddress } from "./nodes/store.ts";

/** What the composition root gives: mutual TLS in the product, an agent in the same process in a test. */
export type Connect = (node: Pick<NodeAddress, "id" | "address">) => AgentClient;

export interface NodeLink {
  /** Behind the gate: for everything that a person or a job asks. */
  agent: Agent;
  /** Past the gate: for the health watcher, which must be able to ask a node that is busy or thought dead. */
  direct: Agent;
  gate: Gate;
}

export interface Agents {
  agentFor(nodeId: string): Promise<Agent>;
  linkTo(node: Pick<NodeAddress, "id" | "address">): NodeLink;
  /** The node is gone or has moved: drops its connections. */
  forget(nodeId: string): void;
  close(): void;
}

interface Entry extends NodeLink {
  address: string;
  client: AgentClient;
}

export function createAgents(options: {
  connect: Connect;
  clock: Clock;
  addressOf: (nodeId: string) => Promise<Pick<NodeAddress, "id" | "address">>;
}): Agents {
  const entries = new Map<string, Entry>();

  const forget = (nodeId: string) => {
    entries.get(nodeId)?.client.close();
    entries.delete(nodeId);
  };

  const linkTo = ({ id, address }: Pick<NodeAddress, "id" | "address">): NodeLink => {
    const known = entries.get(id);
    if (known?.address === address) return known;
    forget(id);
    const client = options.connect({ id, address });
    const gate = createGate({ ...GATE_DEFAULTS, nowMs: options.clock.nowMs });
    const entry = { address, client, gate, direct: client, agent: gated(client, gate) };
    entries.set(id, entry);
    return entry;
  };

  return {
    linkTo,
    forget,
    async agentFor(nodeId) {
      return (entries.get(nodeId) ?? linkTo(await options.addressOf(nodeId))).agent;
    },
    close: () => {
      for (const id of [...entries.keys()]) forget(id);
    },
  };
}

/** Streams pass the gate: they are open for hours and ask the node for nothing while they wait. */
function gated(agent: Agent, gate: Gate): Agent {
  return {
    describe: () => gate.run(() => agent.describe()),
    inventory: () => gate.run(() => agent.inventory()),
    listTemplates: () => gate.run(() => agent.listTemplates()),
    importTemplate: (input, signal) => gate.run(() => agent.importTemplate(input, signal)),
    listVps: () => gate.run(() => agent.listVps()),
    createVps: (input, signal) => gate.run(() => agent.createVps(input, signal)),
    startVps: (input, signal) => gate.run(() => agent.startVps(input, signal)),
    stopVps: (input, signal) => gate.run(() => agent.stopVps(input, signal)),
    deleteVps: (input, signal) => gate.run(() => agent.deleteVps(input, signal)),
    configureVps: (input, signal) => gate.run(() => agent.configureVps(input, signal)),
    readLimits: (input) => gate.run(() => agent.readLimits(input)),
    progress: (input) => gate.run(() => agent.progress(input)),
    listPlacements: () => gate.run(() => agent.listPlacements()),
    exec: (input, signal) => gate.run(() => agent.exec(input, signal)),
    openTerminal: (input) => gate.run(() => agent.openTerminal(input)),
    writeTerminal: (input) => gate.run(() => agent.writeTerminal(input)),
    resizeTerminal: (input) => gate.run(() => agent.resizeTerminal(input)),
    closeTerminal: (input) => gate.run(() => agent.closeTerminal(input)),
    samples: (input) => gate.run(() => agent.samples(input)),
    terminalOutput: (input, signal) => agent.terminalOutput(input, signal),
    watchSamples: (signal) => agent.watchSamples(signal),
    watchVps: (signal) => agent.watchVps(signal),
  };
}
