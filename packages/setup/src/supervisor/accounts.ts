/**
 * The system users that keep a break-in small: PostgreSQL, server and console each run as their own, without a shell, a home
 * or a right beyond their own folder. Without root there is one user, and everything runs as that one.
 */
import { execute, mustExecute } from "./execute.ts";

export interface Account {
  name: string;
  uid: number;
  gid: number;
}

export type Role = "database" | "server" | "console";

const NAMES = {
  database: "muster-db",
  server: "muster-server",
  console: "muster-console",
} as const satisfies Record<Role, string>;

/** @param line of passwd(5) */
export function accountOf(line: string): Account | null {
  const [name, , uid, gid] = line.trim().split(":");
  if (name === undefined || uid === undefined || gid === undefined) return null;
  return { name, uid: Number(uid), gid: Number(gid) };
}

async function find(name: string): Promise<Account | null> {
  const { code, stdout } = await execute(["getent", "passwd", name]);
  return code === 0 ? accountOf(stdout) : null;
}

async function ensure(name: string): Promise<Account> {
  const existing = await find(name);
  if (existing !== null) return existing;
  const home = ["--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"];
  await mustExecute(`The system user ${name} could not be made.`, [
    "useradd",
    "--system",
    "--user-group",
    ...home,
    "--comment",
    "Muster",
    name,
  ]);
  const made = await find(name);
  if (made === null) throw new Error(`useradd made ${name}, but getent does not know it`);
  return made;
}

/** @returns null without root: everything runs as the current user */
export async function ensureAccounts(isRoot: boolean): Promise<Record<Role, Account> | null> {
  if (!isRoot) return null;
  return {
    database: await ensure(NAMES.database),
    server: await ensure(NAMES.server),
    console: await ensure(NAMES.console),
  };
}
