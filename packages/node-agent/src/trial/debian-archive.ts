/** The Debian template's archive, built once per recipe and kept where the set-up keeps what it built. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { buildDebian } from "../template/build-debian.ts";

const RECIPE = new URL("../template/build-debian.ts", import.meta.url);

export async function debianArchive(): Promise<string> {
  const recipe = createHash("sha256")
    .update(await readFile(RECIPE))
    .digest("hex")
    .slice(0, 12);
  const directory = join(homedir(), ".cache", "muster");
  const path = join(directory, `debian-12-${recipe}.tar`);
  if (existsSync(path)) return path;
  await mkdir(directory, { recursive: true });
  const fresh = join(directory, `building-${process.pid}.tar`);
  await buildDebian(fresh);
  await rename(fresh, path);
  return path;
}
