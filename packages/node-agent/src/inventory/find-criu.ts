/** Which CRIU is used: the one that was named, else the set-up's own build, else the system's. */
import { access, constants } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/** Debian 12's own does not work on new kernels, so the set-up builds this one (packages/setup). */
const BUILT = "criu-4.2.1";
const SYSTEM = ["/usr/local/sbin/criu", "/usr/sbin/criu", "/usr/local/bin/criu", "/usr/bin/criu"];

export async function findCriu(named: string | undefined): Promise<string | null> {
  const candidates = named ? [named] : [join(homedir(), ".cache", "muster", BUILT), ...SYSTEM];
  for (const path of candidates) {
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return null;
}
