/**
 * Where an agent listens: TLS 1.3 only, and only to the one peer whose certificate our CA signed for the name
 * `muster-server`. A node's own certificate is signed by the same CA and is turned away by its name.
 */
import { once } from "node:events";
import { createServer } from "node:https";
import type { TLSSocket } from "node:tls";
import type { Agent } from "./agent.ts";
import { type Handled, handleRequest } from "./handler.ts";
import { SERVER_COMMON_NAME } from "./wire.ts";

export interface Credentials {
  caPem: string;
  certificatePem: string;
  keyPem: string;
}

export interface AgentListener {
  /** The port that the kernel gave, where 0 was asked for. */
  port: number;
  close(): Promise<void>;
}

export interface ListenOptions extends Credentials {
  agent: Agent;
  host: string;
  port: number;
  onError: Handled["onError"];
}

/** Longer than any caller's own pause, so that it is the caller who lets an idle connection go: no race, no lost call. */
const KEEP_ALIVE_MS = 75_000;
const HANDSHAKE_MS = 10_000;

export async function listenAgent(options: ListenOptions): Promise<AgentListener> {
  const server = createServer({
    ca: options.caPem,
    cert: options.certificatePem,
    key: options.keyPem,
    minVersion: "TLSv1.3",
    requestCert: true,
    rejectUnauthorized: true,
    handshakeTimeout: HANDSHAKE_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    noDelay: true,
  });
  server.on("secureConnection", refuseStrangers);
  server.on("tlsClientError", (error) => options.onError({ method: "handshake", error }));
  server.on("request", (request, response) => void handleRequest(options, request, response));
  server.listen(options.port, options.host);
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : options.port,
    async close() {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, "close");
    },
  };
}

/** Before a single byte of theirs is parsed as HTTP. A certificate with two common names is nobody's either. */
function refuseStrangers(socket: TLSSocket): void {
  if (socket.getPeerCertificate().subject?.CN !== SERVER_COMMON_NAME) socket.destroy();
}
