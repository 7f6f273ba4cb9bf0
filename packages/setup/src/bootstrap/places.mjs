// @ts-check
/** Where things are: the checkout, its Node 24, what the set-up caches and logs. */
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const CHECKOUT = resolve(dirname(fileURLToPath(import.meta.url)), "../../../..");

/** Node 24, once the dependencies are installed. */
export const WORKSPACE_NODE = join(CHECKOUT, "node_modules/node/bin/node");

/** Logs of the set-up and stamps of what it has done; ignored by git. */
export const SETUP_DIR = join(CHECKOUT, ".muster");

/** @param {string} name */
export function setupLog(name) {
  return join(SETUP_DIR, `${name}.log`);
}

/** Built once per machine and user, not per checkout: CRIU takes a minute. */
export const CACHE_DIR = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "muster");

export const CRIU = join(CACHE_DIR, "criu-4.2.1");
