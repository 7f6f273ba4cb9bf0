import { expect, test } from "vitest";
import { chainToPackageManager, isPackageManager } from "./ancestors.mjs";

test.each([
  [["npm start"], true],
  [["/usr/bin/node", "/usr/bin/pnpm", "start"], true],
  [["/usr/bin/node", "/usr/lib/node_modules/npm/bin/npm-cli.js", "start"], true],
  [["/bin/sh", "/srv/muster/node_modules/.bin/node", "packages/setup/src/start.mjs"], false],
  [["/srv/node_modules/.pnpm/node@24/bin/node", "start.mjs"], false],
  [["bash", "-c", "npm start"], false],
])("%j is a package manager: %s", (words, is) => {
  expect(isPackageManager(words)).toBe(is);
});

const shim = { pid: 30, parent: 20, startTicks: "3", words: ["/bin/sh", "node_modules/.bin/node"] };
const shell = { pid: 20, parent: 10, startTicks: "2", words: ["sh", "-c", "node start.mjs"] };
const login = { pid: 10, parent: 1, startTicks: "1", words: ["-bash"] };
const lookIn = (processes: (typeof shim)[]) => (pid: number) => processes.find((one) => one.pid === pid) ?? null;

test("everything up to npm is watched, and nothing above it", () => {
  const npm = { ...login, words: ["npm start"] };
  expect(chainToPackageManager(30, lookIn([shim, shell, npm])).map(({ pid }) => pid)).toEqual([30, 20, 10]);
});

test("without npm above nothing is watched: the parent of a service may go", () => {
  expect(chainToPackageManager(30, lookIn([shim, shell, login]))).toEqual([]);
});
