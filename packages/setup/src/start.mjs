// @ts-check
/**
 * `npm start`: plain JavaScript without a dependency, because on a fresh machine there is none. It sets everything up and
 * hands over to run.ts under the workspace's own Node 24.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { watchAncestors } from "./bootstrap/ancestors.mjs";
import { CHECKOUT, WORKSPACE_NODE } from "./bootstrap/places.mjs";
import { prepare } from "./bootstrap/prepare.mjs";
import { sayFailure } from "./bootstrap/say.mjs";

/** @returns {Promise<number>} its exit code */
function handOver() {
  return new Promise((resolve) => {
    const run = join(CHECKOUT, "packages/setup/src/run.ts");
    const child = spawn(WORKSPACE_NODE, [run, ...process.argv.slice(2)], {
      stdio: ["inherit", "inherit", "inherit", "ipc"],
    });
    // Ctrl-C reaches both, a signal from a service manager only this one. Sent on, it does no harm twice.
    for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]))
      process.on(signal, () => child.kill(signal));
    watchAncestors(() => child.kill("SIGTERM"));
    child.on("error", () => resolve(1));
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

try {
  await prepare({ tests: false });
  process.exit(await handOver());
} catch (error) {
  process.exit(sayFailure(error));
}
