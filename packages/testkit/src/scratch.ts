/** Directories for one test process. A killed run cleans nothing up, so each new one removes what is older than a run may last. */
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PREFIX = "muster-test-";
/** Ours, and those of the simulated nodes' own tests. */
const SWEPT = /^muster-(test|sim)-(?!postgres)/;
const STALE_MS = 3_600_000;

async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!SWEPT.test(name)) continue;
    const path = join(tmpdir(), name);
    const found = await stat(path).catch(() => null); // another process swept it just now
    if (found !== null && Date.now() - found.mtimeMs > STALE_MS) await rm(path, { recursive: true, force: true });
  }
}

export async function makeScratch(name: string): Promise<string> {
  await sweep();
  return mkdtemp(join(tmpdir(), `${PREFIX}${name}-`));
}
