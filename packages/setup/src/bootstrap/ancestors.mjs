// @ts-check
/**
 * A kill -9 of `npm start` kills npm and leaves this process an orphan that still holds ports and data directory: the next
 * start would be refused. So the ancestors up to npm are watched; between them stand a shell and, once the dependencies are
 * installed, pnpm's shim for `node`. Started in another way (a service, nohup), losing the parent means nothing.
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";

const LOOK_EVERY_MS = 1_000;
const DEEPEST = 6;

/**
 * @typedef {object} Ancestor
 * @property {number} pid
 * @property {number} parent
 * @property {string} startTicks
 * @property {string[]} words of its command line
 */

/**
 * @param {number} pid
 * @returns {Ancestor | null} null when it is gone, or there is no /proc
 */
function processOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return { pid, parent: Number(fields[1]), startTicks: fields[19] ?? "", words };
  } catch {
    return null;
  }
}

/**
 * npm overwrites its command line with its title, "npm start"; pnpm keeps "node /usr/bin/pnpm start".
 * @param {string[]} words
 */
export function isPackageManager(words) {
  const [first = "", second = ""] = words;
  return /^(npm|pnpm|yarn)( |$)/.test(first) || /^(npm|pnpm|yarn)(-cli)?(\.c?js)?$/.test(basename(second));
}

/**
 * @param {number} pid the parent
 * @param {(pid: number) => Ancestor | null} look
 * @returns {Ancestor[]} the parent up to the package manager; none when there is no package manager above
 */
export function chainToPackageManager(pid, look) {
  const chain = [];
  for (let at = look(pid); at !== null && chain.length < DEEPEST; at = look(at.parent)) {
    chain.push(at);
    if (isPackageManager(at.words)) return chain;
  }
  return [];
}

/** @param {() => void} onLoss called once */
export function watchAncestors(onLoss) {
  const watched = chainToPackageManager(process.ppid, processOf);
  if (watched.length === 0) return;
  const timer = setInterval(() => {
    if (watched.every(({ pid, startTicks }) => processOf(pid)?.startTicks === startTicks)) return;
    clearInterval(timer);
    onLoss();
  }, LOOK_EVERY_MS);
  timer.unref();
}
