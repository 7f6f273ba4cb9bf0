/**
 * The real agent over this host's own engine, in a process of its own that an exam may have killed in the middle of a call.
 * What is of no matter there (samples, terminals, the programs that an inventory asks) it does without.
 */
import { type Agent, PROTOCOL_VERSION } from "@muster/agent-api/agent";
import { listenAgents } from "@muster/agent-api/listen";
import { MusterError } from "@muster/model/errors";
import { type Console, createAgent, type Samples } from "@muster/node-agent/agent";
import type { Engine } from "@muster/node-agent/engine/ports";
import { localHost } from "@muster/node-agent/inventory/host";
import { createInventory } from "@muster/node-agent/inventory/inventory";
import { openTemplateStore } from "@muster/node-agent/template/store";
import { openTrialNode } from "@muster/node-agent/trial/trial-node";
import { z } from "zod";
import { POOL_BYTES } from "./real-machine.ts";
import { type FromAgent, type ToAgent, toAgentSchema } from "./real-messages.ts";

type Strike = Extract<ToAgent, { type: "strike" }>;

/** What an engine does to the machine under it. */
const CHANGES: ReadonlySet<string> = new Set([
  "createArea",
  "mountArea",
  "removeArea",
  "setAreaLimit",
  "start",
  "remove",
  "rename",
  "write",
  "setRate",
]);
const callSchema = z.object({ key: z.string() });

const tell = (message: FromAgent) => process.send?.(message);
let strike: Strike | null = null;
/** The call that is to be struck amid its work has begun. */
let doomed = false;

function die(): never {
  process.kill(process.pid, "SIGKILL");
  throw new Error("it is dead");
}

type Around = (name: string, args: readonly unknown[], work: () => unknown) => unknown;

function around<Port extends object>(port: Port, wrap: Around): Port {
  return new Proxy(port, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return (...args: unknown[]): unknown => wrap(String(name), args, () => Reflect.apply(method, target, args));
    },
  });
}

/** Dies when the first thing has been done to the machine. */
const amid: Around = (name, _args, work) => {
  if (!doomed || !CHANGES.has(name)) return work();
  return Promise.resolve(work()).finally(die);
};

const struck: Around = (_name, args, work) => {
  if (strike === null || callSchema.safeParse(args[0]).data?.key !== strike.key) return work();
  if (strike.when === "asked") die();
  doomed = strike.when === "amid";
  return Promise.resolve(work()).finally(die);
};

function mortal(engine: Engine): Engine {
  return {
    ...engine,
    storage: around(engine.storage, amid),
    containers: around(engine.containers, amid),
    cgroups: around(engine.cgroups, amid),
    network: around(engine.network, amid),
  };
}

const noConsole = (): never => {
  throw new MusterError("unsupported", "The exam's agent has no terminals.");
};
const console: Console = {
  exec: noConsole,
  open: noConsole,
  write: noConsole,
  resize: noConsole,
  close: noConsole,
  output: noConsole,
};

/** None, for as long as anybody listens. */
async function* silence(signal: AbortSignal): AsyncGenerator<never> {
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}
const samples: Samples = { after: () => [], watch: silence };

async function serve({ directory, owner, port, nodeId, credentials }: Extract<ToAgent, { type: "serve" }>) {
  const node = await openTrialNode(directory, owner, POOL_BYTES);
  const engine = mortal(node.engine);
  const templates = openTemplateStore(node.layout);
  const placements = await node.boot(engine);
  const inventory = createInventory({
    host: localHost(async () => ({ exitCode: 127, stdout: "", stderr: "" })),
    criu: null,
    network: node.bridge,
    pool: async () => (await node.engine.storage.usage()).pool,
    limits: () => placements.findLimits(),
  });
  const description = {
    ...{ protocolVersion: PROTOCOL_VERSION, agentVersion: "exam", nodeId, bootId: "exam", simulated: false },
  };
  const agent: Agent = createAgent({ description, placements, templates, samples, console, inventory });
  const mine = { nodeId, agent: around(agent, struck), ...credentials };
  await listenAgents({ nodes: [mine], host: "127.0.0.1", port, onError: () => undefined });
  tell({ type: "serving" });
}

process.on("message", (received) => {
  const message = toAgentSchema.parse(received);
  if (message.type === "serve") return void serve(message);
  strike = message;
  tell({ type: "armed" });
});
process.on("disconnect", () => process.exit(1)); // whoever was to kill it is gone
