/**
 * The API over HTTP, behind the console or a reverse proxy on the same machine: tRPC at /trpc, sign-in at
 * /api/auth, /healthz for whoever watches. It speaks JSON only, so every answer carries the strictest headers.
 */
import { AUTH_BASE_PATH, CALLER_ADDRESS_HEADER } from "@muster/api/auth";
import { type Context, sessionOf } from "@muster/api/context";
import { type AppRouter, appRouter } from "@muster/api/root";
import type { Fleet } from "@muster/control/fleet";
import { ERROR_RULES, errorView, MusterError } from "@muster/model/errors";
import { type FastifyTRPCPluginOptions, fastifyTRPCPlugin } from "@trpc/server/adapters/fastify";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { Logger } from "pino";
import { refusedByFastify } from "./refusal.ts";

/** The largest input is a terminal's paste of 64 KiB, and a batch holds a few. */
const BODY_MAX_BYTES = 1024 * 1024;
const BATCH_MAX = 100;

/** All that a browser needs of better-auth; its other routes do not exist here. Who one is, `session.me` says. */
const AUTH_ROUTES = ["/sign-in/email", "/sign-out"] as const;

const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
} as const;

export interface HttpParts {
  fleet: Fleet;
  accounts: Context["accounts"];
  /** better-auth's own handler. */
  authHandler(request: Request): Promise<Response>;
  publicUrl: string;
  /** Aborted when the server stops. */
  closed: AbortSignal;
  log: Logger;
}

export async function createHttp(parts: HttpParts): Promise<FastifyInstance> {
  const app = fastify({
    logger: false, // one line per answer, below: Fastify's own would print query strings
    bodyLimit: BODY_MAX_BYTES,
    requestTimeout: 30_000,
    forceCloseConnections: true, // subscriptions never end by themselves
    // The console runs on this machine and says for whom it asks; anybody else is taken for what they are.
    trustProxy: "loopback",
    routerOptions: { maxParamLength: 5000 }, // tRPC names a whole batch in one path segment
    genReqId: () => crypto.randomUUID(),
  });
  app.addHook("onRequest", async (request, reply) => {
    reply.headers(HEADERS).header("x-request-id", request.id);
  });
  app.addHook("onResponse", async (request, reply) => logAnswer(parts.log, request, reply));

  app.setErrorHandler(async (error, request, reply) => {
    const view = errorView(refusedByFastify(error));
    if (ERROR_RULES[view.code].http >= 500) parts.log.error({ requestId: request.id, err: error }, "request failed");
    return reply.code(ERROR_RULES[view.code].http).send({ error: { ...view, requestId: request.id } });
  });

  await app.register(fastifyTRPCPlugin, trpcOptions(parts));
  await app.register(async (scope) => addAuthRoutes(scope, parts), { prefix: AUTH_BASE_PATH });
  app.get("/healthz", async (_request, reply) => {
    const health = await parts.fleet.health();
    const available = health.database === "available";
    return reply.code(available ? 200 : 503).send({ status: available ? "ok" : "degraded", ...health });
  });
  return app;
}

function trpcOptions(parts: HttpParts): FastifyTRPCPluginOptions<AppRouter> {
  return {
    prefix: "/trpc",
    trpcOptions: {
      router: appRouter,
      maxBatchSize: BATCH_MAX,
      // A question about 500 VPSs does not fit into an address: it may come by POST. What writes still never comes by GET.
      allowMethodOverride: true,
      createContext: ({ req }) => contextOf(parts, req),
      onError: ({ error, path, ctx }) => {
        const level =
          error.code === "INTERNAL_SERVER_ERROR" || error.code === "SERVICE_UNAVAILABLE" ? "error" : "debug";
        parts.log[level]({ requestId: ctx?.requestId, path, err: error.cause ?? error }, "procedure failed");
      },
    },
  };
}

function contextOf(parts: HttpParts, request: FastifyRequest): Context {
  const headers = headersOf(request);
  return {
    requestId: request.id,
    fleet: parts.fleet,
    accounts: parts.accounts,
    closed: parts.closed,
    ...sessionOf(() => parts.accounts.sessionOf(headers)),
  };
}

/** Only the cookie leaves: better-auth's own answer repeats the session's token, where a page's script could read it. */
function addAuthRoutes(scope: FastifyInstance, parts: HttpParts): void {
  for (const url of AUTH_ROUTES) {
    scope.post(url, async (request, reply) => {
      const answer = await authAnswer(parts, request);
      for (const cookie of answer.headers.getSetCookie()) reply.header("set-cookie", cookie);
      reply.code(answer.status).type("application/json");
      return answer.ok ? { ok: true } : await answer.text();
    });
  }
}

/** Sign-in asks only the database; where better-auth fails, or answers that it did, it is the database that is away. */
async function authAnswer(parts: HttpParts, request: FastifyRequest): Promise<Response> {
  const away = (cause: unknown) =>
    new MusterError("database_unavailable", "The accounts cannot be read just now.", { cause });
  const answer = await parts.authHandler(authRequest(parts.publicUrl, request)).catch((cause: unknown) => {
    throw away(cause);
  });
  if (answer.status >= 500) throw away(new Error(`sign-in answered ${answer.status}`));
  return answer;
}

function authRequest(publicUrl: string, request: FastifyRequest): Request {
  const headers = headersOf(request);
  headers.delete("content-length"); // the body is written anew
  headers.set("content-type", "application/json");
  return new Request(new URL(request.url, publicUrl), {
    method: "POST",
    headers,
    body: JSON.stringify(request.body ?? {}),
  });
}

function headersOf(request: FastifyRequest): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    for (const one of [value].flat()) if (one !== undefined) headers.append(name, one);
  }
  headers.set(CALLER_ADDRESS_HEADER, request.ip);
  return headers;
}

/** The path without its query: inputs of queries stand there, and names of things are not the log's business. */
function logAnswer(log: Logger, request: FastifyRequest, reply: FastifyReply): void {
  const [path] = request.url.split("?");
  const ms = Math.round(reply.elapsedTime);
  log.info({ requestId: request.id, method: request.method, path, status: reply.statusCode, ms }, "answered");
}
