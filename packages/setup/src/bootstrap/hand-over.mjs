// @ts-check
/** From the set-up's plain JavaScript on whatever Node there is to TypeScript under the workspace's Node 24. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { watchAncestors } from "./ancestors.mjs";
import { CHECKOUT, WORKSPACE_NODE } from "./places.mjs";

/**
 * @param {string} file below packages/setup/src
 * @returns {Promise<number>} its exit code
 */
export function handOver(file) {
  return new Promise((resolve) => {
    const program = join(CHECKOUT, "packages/setup/src", file);
    const child = spawn(WORKSPACE_NODE, [program, ...process.argv.slice(2)], {
      stdio: ["inherit", "inherit", "inherit", "ipc"],
    });
    // Ctrl-C reaches both, a service manager's signal only this one. Sent on, it does no harm twice.
    for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
      process.on(signal, () => child.kill(signal));
    }
    watchAncestors(() => child.kill("SIGTERM"));
    child.on("error", () => resolve(1));
    child.on("exit", (code) => resolve(code ?? 1));
  });
}
