/** Files that only the server's user may read: the authority's key and the secret that signs cookies. */
import { randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

export async function readOrNull(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

/** Whole or not at all, and never readable by others on the way. */
export async function writePrivately(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(`${path}.new`, content, { mode: 0o600, flush: true });
  await chmod(`${path}.new`, 0o600); // a left-over of a run that was cut short keeps its own mode
  await rename(`${path}.new`, path);
}

/** 256 random bits, made at the first start. */
export async function openSecret(path: string): Promise<string> {
  const known = (await readOrNull(path))?.trim() ?? "";
  if (known !== "") return known;
  const secret = randomBytes(32).toString("base64url");
  await writePrivately(path, `${secret}\n`);
  return secret;
}
