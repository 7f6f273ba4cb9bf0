// @ts-check
/** What is made from sources before the product can run: the database client, the native helper, the console's pages. */
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { must } from "./command.mjs";
import { CHECKOUT, SETUP_DIR, setupLog, WORKSPACE_NODE } from "./places.mjs";
import { step } from "./say.mjs";
import { contentHash, isStamped, writeStamp } from "./stamp.mjs";

/**
 * @typedef {object} Product
 * @property {string} name
 * @property {string} title
 * @property {string[]} sources files and folders whose content decides whether it is made again
 * @property {string} result must exist afterwards
 * @property {[string, string[]]} command
 * @property {string} [cwd]
 * @property {boolean} [linuxOnly]
 * @property {string} failure
 */

/** @type {Product[]} */
const PRODUCTS = [
  {
    name: "database-client",
    title: "Generating the database client",
    sources: ["prisma/schema", "prisma/prisma.config.ts", "prisma/package.json", "prisma/engine"],
    result: "prisma/generated",
    command: ["npm", ["run", "--silent", "generate"]],
    cwd: "prisma",
    failure: "The database client could not be generated.",
  },
  {
    name: "native-helper",
    title: "Building the native helper",
    sources: ["packages/node-agent/native"],
    result: "packages/node-agent/native/build/muster-native",
    command: ["sh", ["packages/node-agent/native/build.sh"]],
    linuxOnly: true,
    failure: "The native helper could not be built: it needs gcc and libc's headers (Debian: gcc libc6-dev).",
  },
  {
    // As supervisor/product.ts starts it: with its types stripped already it is 20 MB smaller from its first start on.
    name: "agent-cache",
    title: "Compiling the agent",
    sources: ["apps/agent", "packages/agent-api", "packages/agent-sim", "packages/model", "packages/node-agent/src"],
    result: "node_modules/.cache/muster-agent",
    command: [
      "env",
      [
        `NODE_COMPILE_CACHE=${join(CHECKOUT, "node_modules/.cache/muster-agent")}`,
        "NODE_OPTIONS=--v8-pool-size=1",
        WORKSPACE_NODE,
        "apps/agent/src/main.ts",
        "--warm",
      ],
    ],
    failure: "The agent could not be loaded.",
  },
  {
    name: "console",
    title: "Building the console, about a minute",
    sources: ["apps/console", "packages/model/src", "pnpm-lock.yaml"],
    result: "apps/console/.next/BUILD_ID",
    command: ["npm", ["run", "--silent", "build"]],
    cwd: "apps/console",
    failure: "The console could not be built.",
  },
];

/** npm's scripts find the workspace's Node 24 first: `node` in a script is never the system's. */
export function workspaceEnv() {
  const path = [dirname(WORKSPACE_NODE), join(CHECKOUT, "node_modules/.bin"), process.env["PATH"] ?? ""];
  return { ...process.env, PATH: path.join(delimiter), NEXT_TELEMETRY_DISABLED: "1", CHECKPOINT_DISABLE: "1" };
}

/** @param {Product} product */
async function ensureProduct(product) {
  const hash = contentHash(CHECKOUT, product.sources);
  const stamp = join(SETUP_DIR, `${product.name}.stamp`);
  if (existsSync(join(CHECKOUT, product.result)) && isStamped(stamp, hash)) return;
  await step(product.title, () =>
    must(product.failure, product.command, {
      cwd: join(CHECKOUT, product.cwd ?? "."),
      env: workspaceEnv(),
      log: setupLog(product.name),
    }),
  );
  writeStamp(stamp, hash);
}

/** @param {{ nativeHelper: boolean }} wanted the helper only where VPSs can run: it is Linux and needs a compiler */
export async function ensureProducts({ nativeHelper }) {
  for (const product of PRODUCTS) {
    if (product.linuxOnly && !nativeHelper) continue;
    await ensureProduct(product);
  }
}
