/** This host as the machine of an exam: the real engine, its agent a process that is killed as kill -9 does it. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AgentClient } from "@muster/agent-api/client";
import { connectAgent } from "@muster/agent-api/client";
import type { Credentials } from "@muster/agent-api/listen";
import { createTrialNode, type TrialNode } from "@muster/node-agent/trial/trial-node";
import type { Machine, Strike } from "./machine.ts";
import { fromAgentSchema, type ToAgent } from "./real-messages.ts";

const PROGRAM = fileURLToPath(new URL("./real-agent.ts", import.meta.url));
/** Sparse: what is promised must have room in it. */
export const POOL_BYTES = 256 * 1024 ** 3;

export interface RealMachine extends Machine {
  trial: TrialNode;
  kill(): Promise<void>;
}

interface Identity {
  nodeId: string;
  credentials: Credentials;
}

/** @param asServer the certificate with which the exam itself asks the agent. */
export async function createRealMachine(port: number, asServer: () => Promise<Credentials>): Promise<RealMachine> {
  const trial = await createTrialNode(POOL_BYTES);
  const address = `127.0.0.1:${port}`;
  let identity: Identity | null = null;
  let child: ChildProcess | null = null;
  let client: AgentClient | null = null;
  let strike: Strike | null = null;

  const send = async (message: ToAgent, answer: string): Promise<void> => {
    if (child === null) throw new Error("the agent does not run");
    const heard = once(child, "message").then(([received]) => fromAgentSchema.parse(received).type);
    child.send(message);
    if ((await heard) !== answer) throw new Error(`the agent did not say ${answer}`);
  };
  const kill = async (): Promise<void> => {
    const dying = child;
    child = null;
    if (dying === null || dying.exitCode !== null || dying.signalCode !== null) return;
    const gone = once(dying, "exit");
    dying.kill("SIGKILL");
    await gone;
  };

  return {
    name: "this-host",
    simulated: false,
    network: trial.bridge.network,
    address,
    trial,
    kill,
    node: () => {
      if (client === null) throw new Error("the agent has not been started");
      return client;
    },
    boot: async (given = identity ?? undefined) => {
      if (given === undefined) throw new Error("the machine has not joined");
      await kill();
      identity = given;
      const { nodeId, credentials } = given;
      client ??= connectAgent({ ...(await asServer()), nodeId, address });
      // Types are stripped once and not at each of its starts.
      const env = { ...process.env, NODE_COMPILE_CACHE: join(trial.layout.agentDir, "compiled") };
      const started = fork(PROGRAM, [], { execArgv: [], env, stdio: ["ignore", "ignore", "inherit", "ipc"] });
      child = started;
      started.once("exit", () => {
        const struck = strike?.struck;
        strike = null;
        if (child === started) struck?.();
      });
      const owner = process.pid;
      await send({ type: "serve", directory: trial.layout.agentDir, owner, port, nodeId, credentials }, "serving");
    },
    arm: async (next) => {
      strike = next;
      if (next !== null) await send({ type: "strike", key: next.key, when: next.when }, "armed");
    },
    close: async () => {
      client?.close();
      await kill();
      await trial.clean();
    },
  };
}
