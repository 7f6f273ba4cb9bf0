/**
 * A secret for one of the unprivileged users, written by root into that user's own folder. Whoever has taken that user over
 * may have put anything there under its name: a link is neither followed nor is what it leads to given away.
 */
import { closeSync, fchownSync, openSync, rmSync, writeSync } from "node:fs";
import type { Account } from "./accounts.ts";

export function writePasswordFile(file: string, password: string, account: Account | null): void {
  rmSync(file, { force: true });
  const descriptor = openSync(file, "wx", 0o600);
  try {
    writeSync(descriptor, `${password}\n`);
    if (account !== null) fchownSync(descriptor, account.uid, account.gid);
  } finally {
    closeSync(descriptor);
  }
}
