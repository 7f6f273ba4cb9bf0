// @ts-check
/** The set-up, in order. Every step first looks whether it is done, so the second run takes about a second. */
import { existsSync, mkdirSync } from "node:fs";
import { endCommandsOnStop } from "./command.mjs";
import { ensureCriu } from "./criu.mjs";
import { ensureDependencies } from "./dependencies.mjs";
import { installPackages, mayInstallPackages } from "./host-packages.mjs";
import { requireNode } from "./node-version.mjs";
import { SETUP_DIR } from "./places.mjs";
import { ensureProducts } from "./products.mjs";
import { SetupFailure, say, seconds } from "./say.mjs";

/** @param {{ tests: boolean }} wanted */
export async function prepare({ tests }) {
  requireNode();
  // The unprivileged users read this checkout: root's umask is 077 on hardened machines.
  process.umask(0o022);
  const startedAt = performance.now();
  say("Muster: set-up");
  makeSetupDir();
  const letGo = endCommandsOnStop();
  const packages = mayInstallPackages();
  if (packages) {
    await installPackages(["node", "build", ...(tests ? /** @type {const} */ (["tests"]) : [])]);
    await ensureCriu();
  }
  await ensureDependencies();
  await ensureProducts({ nativeHelper: packages || (process.platform === "linux" && existsSync("/usr/bin/gcc")) });
  letGo();
  say(`  everything is in place (${seconds(performance.now() - startedAt)})`);
}

function makeSetupDir() {
  try {
    mkdirSync(SETUP_DIR, { recursive: true });
  } catch (error) {
    throw new SetupFailure(
      `${SETUP_DIR} cannot be made: the set-up needs to write into the checkout. Use a clone of your own.`,
      {
        cause: error,
      },
    );
  }
}
