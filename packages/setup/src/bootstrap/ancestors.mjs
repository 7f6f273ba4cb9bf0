// @ts-check
/**
 * A kill -9 of `npm start` kills npm and leaves this process an orphan that still holds ports and data directory: the next
 * start would be refused. So under npm its ancestors are watched: npm, and the shell between, where there is one. Started in
 * another way (a service, nohup), losing the parent means nothing.
 */
import { readFileSync } from "node:fs";

const LOOK_EVERY_MS = 1_000;

/**
 * @param {number} pid
 * @returns {{ parent: number, command: string, startTicks: string } | null} null when it is gone, or there is no /proc
 */
function processOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const command = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { parent: Number(fields[1]), command, startTicks: fields[19] ?? "" };
  } catch {
    return null;
  }
}

/** @param {string} command */
export function isShell(command) {
  return ["sh", "dash", "bash", "ash", "zsh"].includes(command);
}

/** @param {() => void} onLoss called once */
export function watchAncestors(onLoss) {
  if (process.env["npm_lifecycle_event"] === undefined) return;
  const parent = processOf(process.ppid);
  if (parent === null) return;
  const watched = [{ pid: process.ppid, startTicks: parent.startTicks }];
  const grandparent = isShell(parent.command) ? processOf(parent.parent) : null;
  if (grandparent) watched.push({ pid: parent.parent, startTicks: grandparent.startTicks });
  const timer = setInterval(() => {
    if (watched.every(({ pid, startTicks }) => processOf(pid)?.startTicks === startTicks)) return;
    clearInterval(timer);
    onLoss();
  }, LOOK_EVERY_MS);
  timer.unref();
}
