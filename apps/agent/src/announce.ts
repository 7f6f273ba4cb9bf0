/**
 * A node that no server asks for says that it is there: at its start, and every half a minute until it is asked again.
 * The server has nothing to do then but to know it, unless it has lost its database: this is how it finds its nodes.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:tls";
import { type Agent, PROTOCOL_VERSION } from "@muster/agent-api/agent";
import { advertised, hostnameOf, hostOf, LISTENER_NAME, portOf, postToDoor, silent, TIMEOUT_MS } from "./door.ts";
import type { NodeIdentity } from "./identity.ts";

/** A server asks every second; one that is started again is back within this. */
const UNHEARD_MS = 10_000;
const AGAIN_MS = 30_000;
/** A hundred nodes whose server comes back do not all call in one moment. */
const JITTER = 0.3;

export interface Noticed {
  agent: Agent;
  /** When a server asked for it last, by the process's monotonic clock. */
  heardMs(): number;
}

/** The agent itself; that a server asks for it is noticed. */
export function noticed(agent: Agent): Noticed {
  let heardMs = Number.NEGATIVE_INFINITY;
  const describe = () => {
    heardMs = performance.now();
    return agent.describe();
  };
  return { agent: { ...agent, describe }, heardMs: () => heardMs };
}

export interface AnnouncingNode extends Pick<Noticed, "heardMs"> {
  identity: NodeIdentity;
  hostname: string;
  simulated: boolean;
}

export interface Announcing {
  url: string;
  listen: { host: string; port: number };
  log: { info(facts: object, message: string): void; warn(facts: object, message: string): void };
  signal: AbortSignal;
}

/** Ends with the signal. */
export async function announceWhileUnheard(node: AnnouncingNode, announcing: Announcing): Promise<void> {
  const { log, signal } = announcing;
  const { nodeId } = node.identity;
  let told = "";
  while (!signal.aborted) {
    try {
      if (performance.now() - node.heardMs() > UNHEARD_MS) await announce(node, announcing);
      told = "";
    } catch (err) {
      const words = err instanceof Error ? err.message : String(err);
      if (words !== told) log.warn({ err, nodeId }, "no server asks for this node, and it could not announce itself");
      told = words;
    }
    const pauseMs = AGAIN_MS * (1 - JITTER / 2 + JITTER * Math.random());
    await sleep(pauseMs, undefined, { signal }).catch(() => {}); // an abort ends the loop
  }
}

async function announce({ identity, hostname, simulated }: AnnouncingNode, { url, listen, log }: Announcing) {
  const { caPem: ca, certificatePem: cert, keyPem: key, nodeId } = identity;
  const address = advertised(listen, isWildcard(listen.host) ? await localAddressTo(new URL(url), ca) : "");
  const body = { protocolVersion: PROTOCOL_VERSION, address, hostname: hostnameOf(hostname), simulated };
  await postToDoor(new URL("/announce", url), body, { ca, cert, key });
  log.info({ nodeId, address }, "announced to the server");
}

const isWildcard = (host: string) => host === "0.0.0.0" || host === "::";

/** From which of this machine's addresses the server is reached. */
function localAddressTo(url: URL, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { host: hostOf(url), port: portOf(url), ca, servername: LISTENER_NAME, timeout: TIMEOUT_MS };
    const socket = connect({ ...options, minVersion: "TLSv1.3" });
    socket.once("error", (cause) => reject(silent(cause)));
    socket.once("timeout", () => socket.destroy(new Error(`no answer in ${TIMEOUT_MS} ms`)));
    socket.once("secureConnect", () => {
      const { localAddress = "127.0.0.1" } = socket;
      socket.destroy();
      resolve(localAddress);
    });
  });
}
