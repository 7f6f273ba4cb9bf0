/** Files that only the server's user may read: the authority's key and the secret that signs cookies. */
import { randomBytes } from "node:crypto";
import { link, mkdir, readFile, unlink, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

export async function readOrNull(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

/**
 * Whole or not at all, never readable by others on the way, and never over what is there: of two programs that
 * start at once one makes the file and the other is told false, and reads it.
 */
export async function createPrivately(path: string, content: string): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const mine = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  await writeFile(mine, content, { mode: 0o600, flag: "wx", flush: true });
  try {
    await link(mine, path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    await unlink(mine);
  }
}

/** 256 random bits, made at the first start. */
export async function openSecret(path: string): Promise<string> {
  const known = await readOrNull(path);
  if (known !== null) return known.trim();
  const secret = randomBytes(32).toString("base64url");
  if (await createPrivately(path, `${secret}\n`)) return secret;
  return (await readFile(path, "utf8")).trim();
}
