/**
 * This server's name among the servers of a fleet: a start under it takes the place of the start before it and goes on
 * with its work at once. So two servers must never share one, and the file says where it was made: in the copy of
 * a data directory (which is how a second server gets the authority) it is not believed, and another is made.
 */
import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { hostname } from "node:os";
import { z } from "zod";
import { createPrivately, readOrNull } from "./private-file.ts";

const fileSchema = z.object({ serverId: z.string().regex(/^s-[0-9a-f]{16}$/), host: z.string(), path: z.string() });

async function read(path: string): Promise<z.infer<typeof fileSchema> | null> {
  const text = await readOrNull(path);
  return text === null ? null : fileSchema.parse(JSON.parse(text));
}

/** @param host this machine's name. */
export async function openServerId(path: string, host = hostname()): Promise<string> {
  const known = await read(path);
  if (known?.host === host && known.path === path) return known.serverId;
  if (known !== null) await rm(path, { force: true });
  const made = { serverId: `s-${randomBytes(8).toString("hex")}`, host, path };
  if (await createPrivately(path, `${JSON.stringify(made)}\n`)) return made.serverId;
  return (await read(path))?.serverId ?? made.serverId; // another start was quicker
}
