/**
 * Hands /trpc and /api/auth on to the server. Next's own rewrites are baked in at build time and may compress or
 * buffer; here every byte goes on as it comes, so an event stream stays a stream.
 */
import {
  Agent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type ServerResponse,
} from "node:http";
import type { ErrorView } from "@muster/model/errors";
import type { Listen } from "./env.ts";

const PREFIXES = ["/trpc", "/api/auth"];

/** Headers that belong to one connection (RFC 9110, 7.6.1) and never travel on. */
const HOP_BY_HOP = ["connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"];

export function isForServer(url: string): boolean {
  return PREFIXES.some((prefix) => url === prefix || url.startsWith(`${prefix}/`) || url.startsWith(`${prefix}?`));
}

function withoutHopByHop<T extends object>(headers: T): T {
  const kept = { ...headers };
  for (const name of HOP_BY_HOP) Reflect.deleteProperty(kept, name);
  return kept;
}

/**
 * A body goes on framed as it came. Node frames one by itself only for methods that usually have one: the chunks of a GET
 * would go on bare, and the server would read them as the next request of a connection that all browsers share.
 */
function framingOf(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  return headers["transfer-encoding"] === undefined ? {} : { "transfer-encoding": "chunked" };
}

/** In the error shape of the API, so the browser shows it like any other failure. */
function unavailable(): string {
  const muster: ErrorView & { requestId: string } = {
    code: "internal",
    message: "The Muster server does not answer. VPSs keep running meanwhile.",
    requestId: "-",
  };
  return JSON.stringify({
    error: { message: muster.message, code: -32603, data: { code: "SERVICE_UNAVAILABLE", httpStatus: 503, muster } },
  });
}

export function upstreamProxy(server: Listen, onFailure: (error: Error) => void) {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

  return (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const forwarded = request({
      agent,
      host: server.host,
      port: server.port,
      method: incoming.method,
      path: incoming.url,
      headers: {
        ...withoutHopByHop(incoming.headers),
        ...framingOf(incoming.headers),
        "x-forwarded-for": incoming.socket.remoteAddress ?? "unknown",
      },
    });
    forwarded.on("response", (response) => {
      outgoing.writeHead(response.statusCode ?? 502, withoutHopByHop(response.headers));
      outgoing.flushHeaders();
      response.pipe(outgoing);
      response.on("error", () => outgoing.destroy());
    });
    forwarded.on("error", (error) => {
      if (outgoing.destroyed) return; // the browser went away first: nobody is left to tell
      onFailure(error);
      if (outgoing.headersSent) return void outgoing.destroy();
      outgoing.writeHead(503, { "content-type": "application/json", "retry-after": "2" }).end(unavailable());
    });
    // A closed tab must end its streams at the server too.
    outgoing.on("close", () => forwarded.destroy());
    incoming.pipe(forwarded);
  };
}
