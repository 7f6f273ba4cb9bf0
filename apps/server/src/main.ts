/** The server: reads its environment, builds its parts, listens, shuts down. */
import { createAuth } from "@muster/api/auth";
import { createAccounts } from "@muster/api/create-accounts";
import { createFleet } from "@muster/control/create-fleet";
import { type Database, openDatabase } from "@muster/db/client";
import { pendingMigrations } from "@muster/db/migrate";
import type { FastifyInstance } from "fastify";
import { type Logger, pino } from "pino";
import { openAuthority } from "./authority.ts";
import { createEnrolment } from "./enrolment.ts";
import { type Environment, type Listen, readEnvironment } from "./env.ts";
import { refuse } from "./exit.ts";
import { createHttp } from "./http.ts";
import { openSecret } from "./private-file.ts";

/** What is not done by then is dropped: jobs are rows, and go on at the next start. */
const SHUTDOWN_MS = 4_500;

interface Running {
  close(): Promise<void>;
}

async function refuseUnmigrated(databaseUrl: string): Promise<void> {
  const pending = await pendingMigrations(databaseUrl);
  if (pending.length === 0) return;
  throw new Error(
    `The database lacks ${pending.length} migrations (${pending.join(", ")}); run node prisma/migrate.ts.`,
  );
}

async function start(environment: Environment, log: Logger): Promise<Running> {
  const { dataDirectory, databaseUrl, publicUrl } = environment;
  await refuseUnmigrated(databaseUrl);
  const authority = await openAuthority(dataDirectory);
  const secret = await openSecret(`${dataDirectory}/cookie-secret`);
  const database = openDatabase(databaseUrl, {
    onConnectionError: (err) => log.warn({ err }, "a database connection was lost"),
  });
  const credentials = { caPem: authority.caPem, ...(await authority.issueServer()) };
  const fleet = await createFleet({ database, credentials, log });
  const auth = createAuth({
    database: database.prisma,
    publicUrl,
    secret,
    log: (level, message, detail) => log[level]({ detail }, message),
  });
  const accounts = createAccounts({ auth, firstRun: fleet.firstRun, publicUrl, nowMs: Date.now });
  const closed = new AbortController();
  const http = await createHttp({ fleet, accounts, authHandler: auth.handler, publicUrl, closed: closed.signal, log });
  const identity = await authority.issueListener();
  const enrolment = createEnrolment({ authority, identity, claim: fleet.enrolment.claim, nowMs: Date.now, log });

  await listen(http, environment.serverListen, "MUSTER_SERVER_LISTEN");
  await listen(enrolment, environment.enrolListen, "MUSTER_ENROL_LISTEN");
  return {
    close: async () => {
      closed.abort();
      await Promise.all([http.close(), enrolment.close()]);
      await fleet.close();
      await close(database);
    },
  };
}

async function listen(app: FastifyInstance, { host, port }: Listen, variable: string): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    const inUse = cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
    const what = inUse ? `Port ${port} of ${host} is in use` : `Cannot listen at ${host}, port ${port}`;
    throw new Error(`${what}; set ${variable} to another.`, { cause });
  }
}

/** PostgreSQL may be going down at the same time; that is no reason to complain. */
async function close(database: Database): Promise<void> {
  await database.close().catch(() => {});
}

function stopOnRequest(running: Running, log: Logger): void {
  let stopping = false;
  const stop = async (why: string) => {
    if (stopping) return;
    stopping = true;
    log.info({ why }, "stopping");
    setTimeout(() => process.exit(1), SHUTDOWN_MS).unref();
    await running.close().catch((err: unknown) => log.error({ err }, "did not stop in order"));
    process.exit(0);
  };
  process.on("SIGTERM", () => stop("SIGTERM"));
  process.on("SIGINT", () => stop("SIGINT"));
  // Whoever started us is gone, perhaps by kill -9: nobody would stop us later.
  process.on("disconnect", () => stop("disconnect"));
}

try {
  const environment = readEnvironment(process.env);
  const log = pino({ level: environment.logLevel, base: null }, pino.destination({ fd: 2, sync: true }));
  const running = await start(environment, log);
  stopOnRequest(running, log);
  const { serverListen, enrolListen } = environment;
  log.info({ serverListen, enrolListen, publicUrl: environment.publicUrl }, "ready");
  process.send?.({ ready: true, serverListen, enrolListen });
} catch (error) {
  refuse(error);
}
