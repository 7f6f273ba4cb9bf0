// @ts-check
/**
 * "Already done" by content, not by time: a stamp holds the hash of everything a product was made from, so a checkout of
 * another commit rebuilds and a `touch` does not.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** Products and leftovers, never sources. */
const IGNORED = new Set([
  ...["node_modules", ".next", "generated", "build", "dist", ".turbo", "coverage", "test-results"],
  "next-env.d.ts", // written by next build itself
]);

/**
 * @param {string} path a file, or a directory read to the bottom; what does not exist counts as empty
 * @returns {string[]} sorted
 */
function filesOf(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => !IGNORED.has(entry.name) && (entry.isDirectory() || entry.isFile()))
    .flatMap((entry) => filesOf(join(path, entry.name)))
    .sort();
}

/**
 * @param {string} root names are taken relative to it, so two checkouts agree
 * @param {string[]} paths
 */
export function contentHash(root, paths) {
  const hash = createHash("sha256").update(process.arch);
  for (const file of paths.flatMap((path) => filesOf(join(root, path)))) {
    hash.update(`\0${relative(root, file)}\0`).update(readFileSync(file));
  }
  return hash.digest("hex");
}

/**
 * @param {string} stampFile
 * @param {string} hash
 */
export function isStamped(stampFile, hash) {
  return existsSync(stampFile) && readFileSync(stampFile, "utf8").trim() === hash;
}

/**
 * @param {string} stampFile
 * @param {string} hash
 */
export function writeStamp(stampFile, hash) {
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, `${hash}\n`);
}
