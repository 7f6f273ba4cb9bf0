/** A machine made of recorded outputs, for tests of what reads them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Host, Ran } from "./host.ts";

export interface Recording {
  /** Path to text; directories follow from the paths. */
  files: Record<string, string>;
  links?: Record<string, string>;
  /** Argument vector, joined by spaces, to what was printed. A program that stands nowhere is not installed. */
  programs?: Record<string, string | Partial<Ran>>;
  addresses?: Record<string, string[]>;
}

export function recordedHost({ files, links = {}, programs = {}, addresses = {} }: Recording): Host {
  const paths = [...Object.keys(files), ...Object.keys(links)];
  return {
    read: async (path) => files[path]?.trim() ?? null,
    list: async (path) => {
      const below = paths.filter((each) => each.startsWith(`${path}/`));
      return [...new Set(below.map((each) => each.slice(path.length + 1).split("/")[0] ?? ""))].sort();
    },
    linkName: async (path) => links[path]?.split("/").at(-1) ?? null,
    run: async (argv) => {
      const said = programs[argv.join(" ")];
      if (said === undefined) return null;
      return { exitCode: 0, stdout: "", stderr: "", ...(typeof said === "string" ? { stdout: said } : said) };
    },
    addresses: () => new Map(Object.entries(addresses)),
  };
}

/** The sections of a recording that begin with `### command` and end with `rc=N`. */
export function recordedPrograms(fixture: string): Record<string, Partial<Ran>> {
  const text = readFileSync(join(import.meta.dirname, "fixtures", fixture), "utf8");
  const sections = text.split(/^### /m).slice(1);
  return Object.fromEntries(
    sections.map((section) => {
      const [command = "", ...lines] = section.split("\n");
      const exitCode = Number(/^rc=(\d+)$/m.exec(section)?.[1] ?? 0);
      return [command.trim(), { exitCode, stdout: lines.filter((line) => !/^rc=\d+$/.test(line)).join("\n") }];
    }),
  );
}
