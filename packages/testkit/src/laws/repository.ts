/** The repository as the laws see it: what stands at its top, its manifests, and every source file that people write. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { parseSource, type Source } from "./source.ts";

export interface Repository {
  /** Names at the top level. */
  top: readonly string[];
  /** Path -> text, of package.json and pnpm-workspace.yaml. */
  manifests: ReadonlyMap<string, string>;
  sources: readonly Source[];
}

/** Made by machines, or not ours. */
const NOT_OURS = new Set(["node_modules", "generated", "dist", ".next", ".turbo", "test-results", "playwright-report"]);
const SOURCE = /\.(ts|tsx|mts|mjs)$/;
const MADE = /(^|\/)(next-env\.d\.ts)$/;

const isManifest = (path: string) => basename(path) === "package.json" || basename(path) === "pnpm-workspace.yaml";

/** @param files path -> text; the rest of the repository is not looked at. */
export function repositoryOf(files: Iterable<readonly [string, string]>, top?: readonly string[]): Repository {
  const all = [...files];
  return {
    top: top ?? [...new Set(all.map(([path]) => path.split("/")[0] ?? path))],
    manifests: new Map(all.filter(([path]) => isManifest(path))),
    sources: all
      .filter(([path]) => SOURCE.test(path) && !MADE.test(path))
      .map(([path, text]) => parseSource(path, text)),
  };
}

function* filesBelow(directory: string): Generator<string> {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory() && !NOT_OURS.has(entry.name)) yield* filesBelow(path);
    if (entry.isFile() && (SOURCE.test(entry.name) || isManifest(entry.name))) yield path;
  }
}

export function readRepository(root: string): Repository {
  const folders = ["apps", "packages", "prisma", "e2e"]
    .map((name) => join(root, name))
    .filter((path) => existsSync(path));
  const atTop = ["package.json", "pnpm-workspace.yaml"].map((name) => join(root, name));
  const paths = [...atTop, ...folders.flatMap((folder) => [...filesBelow(folder)])];
  return repositoryOf(
    paths.map((path) => [relative(root, path), readFileSync(path, "utf8")] as const),
    readdirSync(root),
  );
}
