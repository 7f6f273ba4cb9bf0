/**
 * How stores reach the database: every failure to reach it becomes `database_unavailable` here, once, and a
 * transaction that PostgreSQL asks to be repeated is repeated.
 */
import { setTimeout as delay } from "node:timers/promises";
import { type Database, type Db, openDatabase, Prisma, type Transaction } from "@muster/db/client";
import { MusterError } from "@muster/model/errors";
import { z } from "zod";

export interface DatabaseAccess {
  /** Repeated, as a transaction is, when PostgreSQL took it back to end a deadlock (40P01). */
  read<Result>(work: (db: Db) => Promise<Result>): Promise<Result>;
  transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
  /** Repeated when another one got in between (40001). */
  serializable<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
}

/** A conflict resolves itself at once when one rival has committed; many at once need some rounds. */
const ATTEMPTS = 5;

export function databaseAccess(database: Database): DatabaseAccess {
  const guarded = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await repeated(work);
    } catch (error) {
      throw translated(error);
    }
  };
  const options = { maxWait: 5_000, timeout: 10_000 };
  const isolationLevel = Prisma.TransactionIsolationLevel.Serializable;
  return {
    read: (work) => guarded(() => work(database.prisma)),
    transaction: (work) => guarded(() => database.prisma.$transaction(work, options)),
    serializable: (work) => guarded(() => database.prisma.$transaction(work, { ...options, isolationLevel })),
  };
}

/** A statement or a transaction: nothing of it is left when PostgreSQL asks for it again. */
async function repeated<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS || !codesOf(error).some((code) => REPEATABLE.has(code))) throw error;
    }
  }
}

/** Access over a few connections of its own: nothing that others ask stands in its way. */
export function accessOfItsOwn(url: string, connections: number): DatabaseAccess & { close(): Promise<void> } {
  const database = openDatabase(url, { maxConnections: connections });
  return { ...databaseAccess(database), close: () => database.close() };
}

/** P2034 is Prisma's name for 40001 (serialization_failure) and 40P01 (deadlock_detected). */
const REPEATABLE = new Set(["P2034", "TransactionWriteConflict", "40001", "40P01"]);

/** That a server cannot be reached, in the words of Prisma, of its driver adapter, and of the PostgreSQL itself. */
const GONE = new Set([
  ...["P1001", "P1002", "P1003", "P1008", "P1011", "P1017"],
  ...["P2024", "P2028"], // no connection in time; the transaction's connection was lost
  ...["DatabaseNotReachable", "ConnectionClosed", "SocketTimeout", "TooManyConnections"],
  ...["57P01", "57P02", "57P03", "53300"], // shut down, crashed, starting up, too many connections
]);
/** Node's codes for a socket, and PostgreSQL's class 08: connection exceptions. */
const GONE_CLASS = /^(E[A-Z]+|08[0-9A-Z]{3})$/;
/** What pg's client and pool say without a code; "not queryable" of a connection that had broken before it was asked. */
const GONE_WORDS =
  /timeout exceeded when trying to connect|timeout expired|connection terminated|connection ended|not queryable|query read timeout|pool after calling end/i;

function translated(error: unknown): unknown {
  if (error instanceof MusterError) return error;
  const gone =
    codesOf(error).some((code) => GONE.has(code) || GONE_CLASS.test(code)) ||
    (error instanceof Error && GONE_WORDS.test(error.message));
  return gone ? new MusterError("database_unavailable", "The database does not answer.", { cause: error }) : error;
}

const codedSchema = z.object({
  code: z.string().optional(),
  kind: z.string().optional(),
  originalCode: z.string().optional(),
  cause: z.unknown().optional(),
  meta: z.unknown().optional(),
});

/** Every code on the way down to the cause: drivers wrap each other's errors. */
function codesOf(error: unknown): string[] {
  const codes: string[] = [];
  const rest: unknown[] = [error];
  for (let depth = 0; depth < 10 && rest.length > 0; depth += 1) {
    const parsed = codedSchema.safeParse(rest.shift());
    if (!parsed.success) continue;
    const { code, kind, originalCode, cause, meta } = parsed.data;
    codes.push(...[code, kind, originalCode].filter((found) => found !== undefined));
    const driver = z.object({ driverAdapterError: z.unknown() }).safeParse(meta);
    rest.push(cause, ...(driver.success ? [driver.data.driverAdapterError] : []));
  }
  return codes;
}

/** A value that PostgreSQL does not take for what it should be: class 22 of its codes. */
export function isDataException(error: unknown): boolean {
  return codesOf(error).some((code) => /^22[0-9A-Z]{3}$/.test(code));
}

/** Which of the named unique constraints was hit; undefined when it was none of them. */
export function violatedConstraint<Name extends string>(error: unknown, names: readonly Name[]): Name | undefined {
  if (!codesOf(error).some((code) => code === "P2002" || code === "23505" || code === "P2010")) return undefined;
  const words = errorWords(error);
  return names.find((name) => words.includes(name));
}

function errorWords(error: unknown): string {
  const words: string[] = [];
  for (let current = error; current instanceof Error && words.length < 10; current = current.cause) {
    words.push(
      current.message,
      current instanceof Prisma.PrismaClientKnownRequestError ? JSON.stringify(current.meta) : "",
    );
  }
  return words.join("\n");
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/** For work that must not be lost with the connection (a job's rows): again and again until the database is back. */
export async function onceDatabaseAnswers<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof MusterError) || error.code !== "database_unavailable" || signal.aborted) throw error;
      await delay(pauseMs, undefined, { signal });
    }
  }
}
