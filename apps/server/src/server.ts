/** The server's parts, put together and listening. */
import { createAuth } from "@muster/api/auth";
import { createAccounts } from "@muster/api/create-accounts";
import { createFleet } from "@muster/control/create-fleet";
import type { Fleet } from "@muster/control/fleet";
import { type Database, openDatabase } from "@muster/db/client";
import { pendingMigrations } from "@muster/db/migrate";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { openAuthority } from "./authority.ts";
import { createEnrolment } from "./enrolment.ts";
import type { Environment, Listen } from "./env.ts";
import { createHttp } from "./http.ts";
import { openSecret } from "./private-file.ts";
import { openServerId } from "./server-id.ts";

export interface Running {
  fleet: Fleet;
  close(): Promise<void>;
}

async function refuseUnmigrated(databaseUrl: string): Promise<void> {
  const pending = await pendingMigrations(databaseUrl);
  if (pending.length === 0) return;
  throw new Error(
    `The database lacks ${pending.length} migrations (${pending.join(", ")}); run node prisma/migrate.ts.`,
  );
}

export async function startServer(environment: Environment, log: Logger): Promise<Running> {
  const { dataDirectory, databaseUrl, publicUrl } = environment;
  await refuseUnmigrated(databaseUrl);
  const authority = await openAuthority(dataDirectory);
  const secret = await openSecret(`${dataDirectory}/cookie-secret`);
  const database = openDatabase(databaseUrl, {
    onConnectionError: (err) => log.warn({ err }, "a database connection was lost"),
  });
  const credentials = { caPem: authority.caPem, ...(await authority.issueServer()) };
  const serverId = await openServerId(`${dataDirectory}/server-id`);
  const { enrolUrl, adopt } = environment;
  const fleet = await createFleet({ database, credentials, log, serverId, enrolUrl, adopt });
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
  const enrolment = createEnrolment({ authority, identity, enrolment: fleet.enrolment, nowMs: Date.now, log });

  await listen(http, environment.serverListen, "MUSTER_SERVER_LISTEN");
  await listen(enrolment, environment.enrolListen, "MUSTER_ENROL_LISTEN");
  return {
    fleet,
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
