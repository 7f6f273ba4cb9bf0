/**
 * The archives that the template command itself puts into the agent's import directory: there while it imports,
 * gone when it ends. After a kill the next one removes what is left. Other files there belong to the operator.
 */
import { createWriteStream } from "node:fs";
import { constants, type FileHandle, mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { MusterError } from "@muster/model/errors";
import { readProcess } from "@muster/node-agent/engine/proc";

/** Followed by the pid and the start of who made it: a pid alone is used again. */
const OWN = "template-command-";
const BLOCK_BYTES = 1024 * 1024;

/** @param use gets the name of a file that is not there yet. */
export async function withArchive<T>(importDir: string, use: (fileName: string) => Promise<T>): Promise<T> {
  await mkdir(importDir, { recursive: true, mode: 0o700 });
  await removeLeftovers(importDir);
  const fileName = `${OWN}${process.pid}-${readProcess(process.pid)?.startTicks ?? 0}.tar`;
  try {
    return await use(fileName);
  } finally {
    await rm(join(importDir, fileName), { force: true });
  }
}

/**
 * A copy, not a link: whoever owns the file could change it between the checksum and the unpacking.
 * not_found, disk_full
 */
export async function copyArchive(from: string, to: string, signal: AbortSignal): Promise<void> {
  const source = await openFile(from);
  try {
    await pipeline(
      source.createReadStream({ highWaterMark: BLOCK_BYTES }),
      createWriteStream(to, { flags: "wx", mode: 0o600 }),
      { signal },
    );
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "ENOSPC")) throw cause;
    throw new MusterError("disk_full", "The node's disk has no room for a copy of the archive.", { cause });
  } finally {
    await source.close();
  }
}

/** Without O_NONBLOCK the opening of a named pipe would wait for its writer. */
async function openFile(path: string): Promise<FileHandle> {
  let handle: FileHandle;
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    throw new MusterError("not_found", "The archive cannot be opened.", { cause });
  }
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new MusterError("not_found", "What is to be imported is not a file.");
}

async function removeLeftovers(importDir: string): Promise<void> {
  for (const name of await readdir(importDir)) {
    if (isLeftover(name)) await rm(join(importDir, name), { force: true });
  }
}

function isLeftover(name: string): boolean {
  const [, pid, startTicks] = new RegExp(`^${OWN}(\\d+)-(\\d+)\\.tar$`).exec(name) ?? [];
  if (pid === undefined) return false;
  const maker = readProcess(Number(pid));
  return maker?.alive !== true || maker.startTicks !== Number(startTicks);
}
