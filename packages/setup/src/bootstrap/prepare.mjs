// @ts-check
/** The set-up, in order. Every step first looks whether it is done, so the second run takes about a second. */
import { existsSync, mkdirSync } from "node:fs";
import { endCommandsOnStop } from "./command.mjs";
import { ensureCriu } from "./criu.mjs";
import { ensureDependencies } from "./dependencies.mjs";
import { installPackages, mayInstallPackages } from "./host-packages.mjs";
import { requireNode } from "./node-version.mjs";
import { oneAtATime } from "./one-at-a-time.mjs";
import { SETUP_DIR } from "./places.mjs";
import { ensureProducts } from "./products.mjs";
import { SetupFailure, say, seconds } from "./say.mjs";

/**
 * Simulated nodes need no package, no compiler and no CRIU.
 * @param {string[]} argv
 * @param {NodeJS.ProcessEnv} env
 */
export function asksForSimulation(argv, env) {
  return argv.some((word) => word.startsWith("--simulate")) || Number(env["MUSTER_SIMULATE"] ?? 0) > 0;
}

/** @param {{ packages: ("node" | "build" | "tests")[] }} wanted none: nothing of the host is needed */
export async function prepare({ packages }) {
  requireNode();
  // The unprivileged users read this checkout: root's umask is 077 on hardened machines.
  process.umask(0o022);
  const startedAt = performance.now();
  say("Muster: set-up");
  makeSetupDir();
  const forgetCommands = endCommandsOnStop();
  const letGo = await oneAtATime(SETUP_DIR);
  const ofThisHost = packages.length > 0;
  if (ofThisHost && mayInstallPackages()) {
    await installPackages(packages);
    await ensureCriu();
  }
  await ensureDependencies();
  await ensureProducts({ nativeHelper: ofThisHost && process.platform === "linux" && existsSync("/usr/bin/gcc") });
  letGo();
  forgetCommands();
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
