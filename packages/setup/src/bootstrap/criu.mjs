// @ts-check
/** CRIU, which checkpoints and restores VPSs. Without it VPSs run all the same; they only cannot be moved alive. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { attempt, must } from "./command.mjs";
import { installPackages } from "./host-packages.mjs";
import { CHECKOUT, CRIU, setupLog } from "./places.mjs";
import { step } from "./say.mjs";

/** The mark that build-criu.sh leaves; a build without it loses 185 ms in every move. */
export const MARK = "muster-uncorked";

/** Runs at all (its libraries are there) and is our build. */
async function isReady() {
  if (!existsSync(CRIU)) return false;
  const version = await attempt(CRIU, ["--version"]);
  return version.code === 0 && version.output.includes(MARK);
}

export async function ensureCriu() {
  if (await isReady()) return;
  await installPackages(["criuBuild"]);
  if (await isReady()) return; // the binary was there, only its libraries were missing
  await step("Building CRIU 4.2.1, about a minute", () =>
    must(
      "CRIU could not be built. Look at the end of its output above.",
      ["bash", [join(CHECKOUT, "packages/setup/src/build-criu.sh"), CRIU]],
      { log: setupLog("criu") },
    ),
  );
}
