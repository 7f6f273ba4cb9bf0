/**
 * The machine as the inventory reads it: files, directories, links, and programs that only look. It is a port so
 * that another machine's recorded outputs can be read by the same code.
 */
import { readdir, readFile, readlink } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { join } from "node:path";

export interface Ran {
  exitCode: number;
  stdout: string;
  stderr: string;
}

export interface Host {
  /** The text, trimmed; null where the file is absent or its driver does not answer. */
  read(path: string): Promise<string | null>;
  /** Names in a directory, sorted; empty where there is none. */
  list(path: string): Promise<string[]>;
  /** The last part of where a link points: the name of a driver, of a bridge. */
  linkName(path: string): Promise<string | null>;
  /** Null where the program is not installed, or took longer than it may. */
  run(argv: readonly [string, ...string[]]): Promise<Ran | null>;
  /** `address/prefix` of each interface that has one. */
  addresses(): ReadonlyMap<string, readonly string[]>;
}

export type RunProgram = (argv: readonly [string, ...string[]]) => Promise<Ran>;

/** @param run spawns a program with a deadline; it throws where there is none of that name. */
export function localHost(run: RunProgram, root = "/"): Host {
  return {
    read: async (path) => {
      const text = await readFile(join(root, path), "utf8").catch(() => null);
      return text === null ? null : text.trim();
    },
    list: async (path) => (await readdir(join(root, path)).catch(() => [])).sort(),
    linkName: async (path) => {
      const target = await readlink(join(root, path)).catch(() => null);
      return target?.split("/").at(-1) ?? null;
    },
    run: (argv) => run(argv).catch(() => null),
    addresses: () =>
      new Map(
        Object.entries(networkInterfaces()).map(([name, list]) => [
          name,
          (list ?? []).map(({ cidr, address }) => cidr ?? address),
        ]),
      ),
  };
}

/** A whole number as sysfs prints it, or null: -1 and "unknown" are how drivers say that they do not know. */
export function wholeNumber(text: string | null): number | null {
  return text !== null && /^\d+$/.test(text) ? Number(text) : null;
}

export function positive(text: string | null): number | null {
  const value = wholeNumber(text);
  return value === null || value === 0 ? null : value;
}
