/** The data directory: one folder per process, closed to the others. */
import { accessSync, chmodSync, chownSync, constants, mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Account, Role } from "./accounts.ts";
import { Refusal } from "./refusal.ts";

export function makeDataDir(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o755 });
    accessSync(dataDir, constants.W_OK);
  } catch (error) {
    throw new Refusal(`The data directory ${dataDir} cannot be written. Set MUSTER_DATA_DIR to one that can.`, 1, {
      cause: error,
    });
  }
}

/** The first directory on the way that others may not enter, root's 0700 home for one; null when the way is open. */
export function firstClosedParent(path: string): string | null {
  const closed: string[] = [];
  for (let at = dirname(path); ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) closed.push(at);
    if (at === dirname(at)) return closed.at(-1) ?? null;
  }
}

function own(path: string, mode: number, account: Account | null): void {
  mkdirSync(path, { recursive: true, mode });
  chmodSync(path, mode);
  if (account !== null) chownSync(path, account.uid, account.gid);
}

/** @param accounts null: everything is the current user's */
export function makeRoleDirs(dataDir: string, accounts: Record<Role, Account> | null): void {
  if (accounts !== null) {
    chmodSync(dataDir, 0o755);
    const closed = firstClosedParent(join(dataDir, "x"));
    if (closed !== null) {
      throw new Refusal(
        `Server and database run as users of their own, and ${closed} is closed to them. ` +
          "Set MUSTER_DATA_DIR to a directory that others may enter, such as /var/lib/muster.",
      );
    }
  }
  own(join(dataDir, "postgres"), 0o700, accounts?.database ?? null);
  own(join(dataDir, "server"), 0o700, accounts?.server ?? null);
  own(join(dataDir, "console"), 0o700, accounts?.console ?? null);
  own(join(dataDir, "agent"), 0o700, null);
  own(join(dataDir, "secrets"), 0o700, null);
  own(join(dataDir, "logs"), 0o700, null);
}
