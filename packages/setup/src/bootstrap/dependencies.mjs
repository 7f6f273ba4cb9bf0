// @ts-check
/** The npm dependencies, exactly as the lock file has them, by pnpm through npx: nothing is installed globally. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { attempt, must } from "./command.mjs";
import { CHECKOUT, SETUP_DIR, setupLog, WORKSPACE_NODE } from "./places.mjs";
import { step } from "./say.mjs";
import { contentHash, isStamped, writeStamp } from "./stamp.mjs";

/** package.json's `packageManager` pins pnpm; corepack is not used: it refuses registries that sign nothing. */
export function pnpmSpecifier() {
  const { packageManager } = JSON.parse(readFileSync(join(CHECKOUT, "package.json"), "utf8"));
  return String(packageManager);
}

/** Every package.json of the workspace, as pnpm-workspace.yaml lists its folders. */
function manifests() {
  const folders = ["apps", "packages"].flatMap((parent) =>
    readdirSync(join(CHECKOUT, parent)).map((name) => `${parent}/${name}`),
  );
  return ["", "prisma", "e2e", ...folders].map((folder) => join(folder, "package.json"));
}

export async function ensureDependencies() {
  const hash = contentHash(CHECKOUT, ["pnpm-lock.yaml", "pnpm-workspace.yaml", ".npmrc", ...manifests()]);
  const stamp = join(SETUP_DIR, "dependencies.stamp");
  if (existsSync(WORKSPACE_NODE) && isStamped(stamp, hash)) return;
  await step("Installing the npm dependencies", () =>
    must(
      "The npm dependencies could not be installed: check the network and npm's registry setting.",
      ["npx", ["-y", pnpmSpecifier(), "install", "--frozen-lockfile"]],
      {
        cwd: CHECKOUT,
        log: setupLog("pnpm"),
        // CI=1: pnpm asks nothing. The browser of the tests is Debian's, so no package may fetch another one.
        env: { ...process.env, CI: "1", PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: "1" },
      },
    ),
  );
  await forgetPages(WORKSPACE_NODE);
  writeStamp(stamp, hash);
}

/**
 * pnpm writes Node in one piece, which the kernel keeps in pages of 2 MB and maps as such: 25 to 29 MB more resident
 * in each of the product's processes than are ever used (68 MB against 43 for an empty script). Read again from the
 * disk, it comes in small pages. Where it cannot be done, nothing is lost but that.
 * @param {string} file
 */
async function forgetPages(file) {
  await attempt("sync", [file]);
  await attempt("dd", [`if=${file}`, "iflag=nocache", "count=0"]);
}
