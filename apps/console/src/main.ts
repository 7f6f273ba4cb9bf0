/**
 * The console's process, `node apps/console/src/main.ts` after `next build`. It serves the built pages and hands API
 * calls on to the server. It needs to read the checkout and nothing else: no state, no secret, no write access.
 */
import { createServer } from "node:http";
import { join } from "node:path";
import next from "next";
import { pino } from "pino";
import { builtConfig } from "./server/build.ts";
import { parseEnv } from "./server/env.ts";
import { contentSecurityPolicy, FIXED_HEADERS, newNonce } from "./server/security-headers.ts";
import { staticFiles } from "./server/static-files.ts";
import { isForServer, upstreamProxy } from "./server/upstream.ts";

const STOP_WITHIN_MS = 4_000;

const app = join(import.meta.dirname, "..");

/** One clear sentence and exit code 2 where the start makes no sense. */
function orRefuse<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  }
}

const env = orRefuse(() => parseEnv(process.env));
// The configuration as it was built: Next then needs neither next.config.ts nor a compiler for it, and prints nothing.
const built = orRefuse(() => builtConfig(join(app, ".next/required-server-files.json")));
const log = pino({ level: env.logLevel, base: { app: "console" } }, pino.destination(2));
Object.assign(process.env, {
  NODE_ENV: "production",
  NEXT_TELEMETRY_DISABLED: "1",
  __NEXT_PRIVATE_STANDALONE_CONFIG: JSON.stringify(built),
});

const pages = next({ dev: false, dir: app, quiet: true });
await pages.prepare();
const servePage = pages.getRequestHandler();
const serveStatic = staticFiles(join(app, ".next/static"));
const proxy = upstreamProxy(env.serverListen, (error) => log.warn({ err: error }, "the server does not answer"));

const http = createServer((incoming, outgoing) => {
  for (const [name, value] of Object.entries(FIXED_HEADERS)) outgoing.setHeader(name, value);
  if (isForServer(incoming.url ?? "/")) return proxy(incoming, outgoing);
  if (serveStatic(incoming, outgoing)) return;
  const policy = contentSecurityPolicy(newNonce());
  incoming.headers["content-security-policy"] = policy; // Next takes the nonce of its own scripts from here
  outgoing.setHeader("content-security-policy", policy);
  servePage(incoming, outgoing).catch((error: unknown) => {
    log.error({ err: error, url: incoming.url }, "a page failed");
    if (!outgoing.headersSent) outgoing.writeHead(500);
    outgoing.end();
  });
});

http.on("error", (error) => {
  const { host, port } = env.consoleListen;
  log.fatal({ err: error }, `Cannot listen on ${host}:${port}; set MUSTER_CONSOLE_LISTEN to another address.`);
  process.exit(2);
});
http.listen(env.consoleListen.port, env.consoleListen.host, () => {
  log.info({ ...env.consoleListen }, "console ready");
  process.send?.({ ready: true, listen: env.consoleListen });
});

function stop() {
  http.close(() => process.exit(0));
  http.closeIdleConnections();
  // Event streams never end by themselves.
  setTimeout(() => http.closeAllConnections(), STOP_WITHIN_MS / 4).unref();
  setTimeout(() => process.exit(0), STOP_WITHIN_MS).unref();
}

for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, stop);
process.once("disconnect", stop); // the supervisor is gone, even by kill -9
