/**
 * An append-only file of JSON lines; what append() returned for is on the disk. One line is one change of the
 * agent's mind, whole or not at all: a crash can only tear the last line, and a torn line is dropped at the next start.
 *
 * Rejected: a file per VPS renamed into place (two or three fsyncs where this has one, and an answer could be
 * recorded without the change that it answers for), and SQLite (one more native module for 200 lines of log).
 * Calls that meet while the disk is busy share one fdatasync (0.13 ms on the machine this was measured on).
 */
import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { MusterError } from "@muster/model/errors";

export interface Journal {
  /** @param onDisk called at once when the line is there: before whatever comes next in the file is thought of. */
  append(line: unknown, onDisk?: () => void): Promise<void>;
  /** Replaces all that was written by these lines. They are asked for when nothing else is under way. */
  rewrite(lines: () => readonly unknown[]): Promise<void>;
  /** Bytes now in the file. */
  size(): number;
  close(): Promise<void>;
}

interface Waiting {
  text: string;
  onDisk: (() => void) | undefined;
  resolve: () => void;
  reject: (error: unknown) => void;
}

export async function readJournal(path: string): Promise<unknown[]> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  const lines = text.split("\n");
  // What follows the last newline was torn by a crash and was never answered for.
  lines.pop();
  return lines.map((line, index) => {
    try {
      return JSON.parse(line);
    } catch (cause) {
      throw new MusterError("internal", `The agent's journal is damaged at line ${index + 1}.`, { cause });
    }
  });
}

/** Opens for appending what rewrite() or an earlier agent left; readJournal comes first. */
export async function openJournal(path: string): Promise<Journal> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  let file = await openForAppend(path);
  let size = (await file.stat()).size;
  let waiting: Waiting[] = [];
  let turn: Promise<void> = Promise.resolve();

  async function flush(): Promise<void> {
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    const bytes = Buffer.from(batch.map(({ text }) => text).join(""));
    try {
      // Not write(): on a disk that is nearly full it writes a part of it and calls that a success.
      await file.appendFile(bytes);
      await file.datasync();
      size += bytes.length;
    } catch (cause) {
      // Half a line on disk would swallow the next one.
      await file.truncate(size).catch(() => undefined);
      const error = new MusterError("disk_full", "The node cannot write its journal.", { cause });
      for (const { reject } of batch) reject(error);
      return;
    }
    for (const { onDisk, resolve } of batch) {
      onDisk?.();
      resolve();
    }
  }

  async function replace(lines: readonly unknown[]): Promise<void> {
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    const fresh = `${path}.new`;
    const target = await open(fresh, "w", 0o600);
    try {
      await target.writeFile(text);
      await target.sync();
    } finally {
      await target.close();
    }
    await rename(fresh, path);
    await syncDirectory(dirname(path));
    await file.close();
    file = await openForAppend(path);
    size = Buffer.byteLength(text);
  }

  return {
    append: (line, onDisk) =>
      new Promise((resolve, reject) => {
        waiting.push({ text: `${JSON.stringify(line)}\n`, onDisk, resolve, reject });
        turn = turn.then(flush);
      }),
    rewrite: (lines) => {
      const done = turn.then(() => replace(lines()));
      turn = done.catch(() => undefined);
      return done;
    },
    size: () => size,
    close: async () => {
      await turn;
      await file.close();
    },
  };
}

/** Cuts a torn tail off first, so that what is appended begins on a line of its own. */
async function openForAppend(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND, 0o600);
  const text = await file.readFile();
  const end = text.lastIndexOf(0x0a) + 1;
  if (end < text.length) await file.truncate(end);
  return file;
}

export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
