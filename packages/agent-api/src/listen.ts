/**
 * Where agents listen: TLS 1.3 only, and only to the one peer whose certificate our CA signed for the name
 * `muster-server`. A node's own certificate is signed by the same CA and is turned away by its name.
 *
 * The name that the caller asks for (SNI) is the node's id. A real node is alone behind its address; simulated
 * ones share one, so a hundred of them need one port.
 */
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { Socket } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";
import type { Agent } from "./agent.ts";
import { type Handled, handleRequest } from "./handler.ts";
import { SERVER_COMMON_NAME } from "./wire.ts";

export interface Credentials {
  caPem: string;
  certificatePem: string;
  keyPem: string;
}

export interface ServedNode extends Credentials {
  nodeId: string;
  agent: Agent;
}

export interface AgentListener {
  /** The port that the kernel gave, where 0 was asked for. */
  port: number;
  close(): Promise<void>;
}

export interface ListenOptions {
  nodes: readonly ServedNode[];
  host: string;
  port: number;
  onError: Handled["onError"];
}

/** Longer than any caller's own pause, so that it is the caller who lets an idle connection go: no race, no lost call. */
const KEEP_ALIVE_MS = 75_000;
const HANDSHAKE_MS = 10_000;

export async function listenAgents({ nodes, host, port, onError }: ListenOptions): Promise<AgentListener> {
  const served = new Map(nodes.map((node) => [node.nodeId, { agent: node.agent, context: contextOf(node) }]));
  const server = createServer({
    ca: nodes.map(({ caPem }) => caPem),
    SNICallback: (nodeId, callback) => {
      const context = served.get(nodeId)?.context;
      callback(context === undefined ? new Error(`no node ${nodeId} here`) : null, context);
    },
    minVersion: "TLSv1.3",
    requestCert: true,
    rejectUnauthorized: true,
    handshakeTimeout: HANDSHAKE_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    noDelay: true,
  });
  const connected = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    connected.add(socket);
    socket.once("close", () => connected.delete(socket));
  });
  server.on("secureConnection", refuseStrangers);
  server.on("tlsClientError", (error) => onError({ method: "handshake", error }));
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const agent =
      request.socket instanceof TLSSocket ? served.get(String(request.socket.servername))?.agent : undefined;
    if (agent === undefined) request.socket.destroy();
    else void handleRequest({ agent, onError }, request, response);
  });
  server.listen(port, host);
  await once(server, "listening");
  const address = server.address();
  const ended = new Promise<void>((resolve) => server.once("close", resolve));
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    async close() {
      server.close();
      // Not closeAllConnections(): it knows only those that have shaken hands, and the others would be served yet.
      for (const socket of connected) socket.destroy();
      await ended;
    },
  };
}

const contextOf = ({ caPem, certificatePem, keyPem }: Credentials) =>
  createSecureContext({ ca: caPem, cert: certificatePem, key: keyPem, minVersion: "TLSv1.3" });

/** Before a single byte of theirs is parsed as HTTP. A certificate with two common names is nobody's either. */
function refuseStrangers(socket: TLSSocket): void {
  if (socket.getPeerCertificate().subject?.CN !== SERVER_COMMON_NAME) socket.destroy();
}
