/** N simulated nodes in this one process, each with an identity and a data directory of its own. */
import { join } from "node:path";
import { createSimulatedNode } from "@muster/agent-sim/simulated-node";
import type { Logger } from "pino";
import type { Environment } from "./env.ts";
import type { NodeIdentity } from "./identity.ts";
import type { NodeInService } from "./real-node.ts";
import type { IdentityOf } from "./tokens.ts";

export type ServedSimulation = NodeInService & { identity: NodeIdentity; hostname: string; simulated: boolean };

/** 10.90.0.0/24, 10.90.1.0/24, ...: a network each, as nodes of one site have. */
const networkOf = (index: number) => ({
  bridge: "muster0",
  network: `10.90.${index}.0/24`,
  gateway: `10.90.${index}.1`,
});

export async function startSimulatedNodes(
  environment: Environment,
  identityOf: IdentityOf,
  log: Logger,
): Promise<ServedSimulation[]> {
  const served: ServedSimulation[] = [];
  for (let index = 0; index < environment.simulate; index += 1) {
    const name = `sim-${String(index + 1).padStart(2, "0")}`;
    const directory = join(environment.agentDirectory, "simulated", name);
    const about = { hostname: name, simulated: true };
    const identity = await identityOf(join(directory, "identity"), about);
    const agent = await createSimulatedNode({
      nodeId: identity.nodeId,
      name,
      seed: identity.nodeId,
      dataDir: join(directory, "state"),
      network: networkOf(index),
      log: ({ level, message, error, ...facts }) =>
        log[level]({ node: name, ...facts, ...(error ? { err: error } : {}) }, message),
    });
    served.push({ identity, ...about, agent, close: () => agent.close() });
  }
  return served;
}
