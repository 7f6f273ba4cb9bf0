/**
 * The host of one simulated node, seen from its management network: it listens with mutual TLS as a real agent does, and
 * can be struck down as a real one can: its agent killed, the whole machine silent.
 */
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { type AgentListener, type Credentials, listenAgents } from "@muster/agent-api/listen";
import { createSimulatedNode, type SimulatedNode } from "@muster/agent-sim/simulated-node";
import { z } from "zod";
import type { Machine, Strike } from "./exams/machine.ts";

const HOST = "127.0.0.1";
/** Turns of the event loop: enough for a call to have begun its work. */
const AMID_TURNS = 3;
const NEVER = new Promise<never>(() => undefined);
const callSchema = z.object({ key: z.string() });

export interface HostOptions {
  name: string;
  network: { bridge: string; network: string; gateway: string };
  dataDir: string;
  latencyScale: number;
}

export interface SimulatedHost extends Machine {
  node(): SimulatedNode;
  /** kill -9 of the agent: its port refuses, what it was doing never goes on. */
  kill(): Promise<void>;
  /** The machine hangs: connections are accepted and nothing is ever said. */
  silence(): Promise<void>;
  /** How slow it is from the next boot on. */
  latencyScale: number;
}

interface Mute {
  server: Server;
  sockets: Set<Socket>;
}

async function listenMutely(port: number): Promise<Mute> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy()); // whoever gave up waiting
  });
  server.listen(port, HOST);
  await once(server, "listening");
  return { server, sockets };
}

async function stopMute({ server, sockets }: Mute): Promise<void> {
  for (const socket of sockets) socket.destroy();
  server.close();
  await once(server, "close");
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

interface Struck extends Pick<SimulatedHost, "arm" | "kill"> {
  strike(): Strike | null;
}

/** The node, as its callers reach it while the host may be struck. */
function struckBy(host: Struck, node: SimulatedNode): SimulatedNode {
  return new Proxy(node, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return (...args: unknown[]): unknown => {
        const work = () => Reflect.apply(method, target, args);
        const strike = host.strike();
        if (strike === null || callSchema.safeParse(args[0]).data?.key !== strike.key) return work();
        void host.arm(null);
        return die(host, strike, work);
      };
    },
  });
}

async function die(host: Pick<SimulatedHost, "kill">, strike: Strike, work: () => unknown): Promise<never> {
  if (strike.when === "worked") await work();
  if (strike.when === "amid") {
    void Promise.resolve(work()).catch(() => undefined); // nobody hears its end
    await turns(AMID_TURNS);
  }
  await host.kill();
  strike.struck();
  return await NEVER;
}

/**
 * Of these the kernel gives none away: while an agent is down, its port must not become some connection's own (Linux
 * begins at 32768, others at 49152). Each process has a hundred for itself, unless its pid and another's are equal modulo 120.
 */
const PORTS = { first: 20_000, blocks: 120, each: 100 };
const firstPort = PORTS.first + (process.pid % PORTS.blocks) * PORTS.each;
let portsGiven = 0;

/** One that nobody listens at, for the host's life. */
async function reservePort(): Promise<number> {
  while (portsGiven < PORTS.each) {
    const port = firstPort + portsGiven;
    portsGiven += 1;
    const mute = await listenMutely(port).catch(() => null); // somebody else's
    if (mute === null) continue;
    await stopMute(mute);
    return port;
  }
  throw new Error(`one process has no more than ${PORTS.each} simulated hosts`);
}

export async function createSimulatedHost(options: HostOptions): Promise<SimulatedHost> {
  const { name, network, dataDir } = options;
  const port = await reservePort();
  let identity: { nodeId: string; credentials: Credentials } | null = null;
  let node: SimulatedNode | null = null;
  let listener: AgentListener | null = null;
  let mute: Mute | null = null;
  let strike: Strike | null = null;

  async function unplug(): Promise<void> {
    await listener?.close();
    if (mute !== null) await stopMute(mute);
    listener = null;
    mute = null;
  }

  const host: SimulatedHost = {
    name,
    network: network.network,
    address: `${HOST}:${port}`,
    latencyScale: options.latencyScale,
    simulated: true,
    arm: async (next) => {
      strike = next;
    },
    node: () => {
      if (node === null) throw new Error(`${name} has no agent running`);
      return node;
    },
    boot: async (given) => {
      identity = given ?? identity;
      if (identity === null) throw new Error(`${name} has not enrolled`);
      await unplug();
      const { nodeId, credentials } = identity;
      node ??= await createSimulatedNode({
        nodeId,
        name,
        seed: name,
        dataDir,
        network,
        latencyScale: host.latencyScale,
      });
      listener = await listenAgents({
        nodes: [{ nodeId, agent: struckBy({ ...host, strike: () => strike }, node), ...credentials }],
        host: HOST,
        port,
        onError: () => undefined,
      });
    },
    kill: async () => {
      node?.crash();
      node = null;
      await unplug();
    },
    silence: async () => {
      await unplug();
      mute = await listenMutely(port);
    },
    close: async () => {
      await unplug();
      await node?.close();
      node = null;
    },
  };
  return host;
}
