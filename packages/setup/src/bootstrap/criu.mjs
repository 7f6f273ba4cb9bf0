// @ts-check
/** CRIU, which checkpoints and restores VPSs. Without it VPSs run all the same; they only cannot be moved alive. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { attempt } from "./command.mjs";
import { installPackages } from "./host-packages.mjs";
import { CHECKOUT, CRIU, setupLog } from "./places.mjs";
import { say, step } from "./say.mjs";

/** The mark that build-criu.sh leaves; a build without it loses 185 ms in every move. */
export const MARK = "muster-uncorked";

/** Runs at all (its libraries are there) and is our build. */
async function isReady() {
  if (!existsSync(CRIU)) return false;
  const version = await attempt(CRIU, ["--version"]);
  return version.code === 0 && version.output.includes(MARK);
}

/** Never the end of the set-up: a mirror without the source (another distribution's) costs live migration, not VPSs. */
export async function ensureCriu() {
  if (await isReady()) return;
  await installPackages(["criuBuild"]);
  if (await isReady()) return; // the binary was there, only its libraries were missing
  const build = join(CHECKOUT, "packages/setup/src/build-criu.sh");
  const log = setupLog("criu");
  const { code, output } = await step("Building CRIU 4.2.1, about a minute", () =>
    attempt("bash", [build, CRIU], { log }),
  );
  if (code === 0) return;
  const [reason = ""] = output.trimEnd().split("\n").slice(-1);
  say(
    `  CRIU could not be built (${reason}). VPSs run all the same, but cannot be moved while they run. Its log: ${log}`,
  );
}
