// @ts-check
/** One set-up of a checkout at a time: two would build into the same folders. The second waits, and then finds all done. */
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { say } from "./say.mjs";

const LOOK_EVERY_MS = 300;

/** @param {string} file */
function holderOf(file) {
  try {
    return Number(readFileSync(file, "utf8"));
  } catch {
    return null; // let go of meanwhile
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/**
 * @param {string} from
 * @param {string} to
 */
function linked(from, to) {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/**
 * @param {string} directory
 * @returns {Promise<() => void>} lets go
 */
export async function oneAtATime(directory) {
  const file = join(directory, "setup.lock");
  const own = `${file}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  let told = false;
  try {
    while (!linked(own, file)) {
      const holder = holderOf(file);
      // A number that was used again makes this wait for a stranger; the sentence says what to remove then.
      if (holder !== null && !(holder > 0 && isAlive(holder))) rmSync(file, { force: true });
      else if (holder !== null && !told) say(`  waiting for the set-up of process ${holder} (else remove ${file})`);
      told ||= holder !== null;
      await sleep(LOOK_EVERY_MS);
    }
  } finally {
    rmSync(own, { force: true });
  }
  const letGo = () => rmSync(file, { force: true });
  process.once("exit", letGo);
  return () => {
    process.off("exit", letGo);
    letGo();
  };
}
