/** `node apps/agent/src/template.ts busybox|debian-12`: builds a template and imports it on this node. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { ImportTemplate } from "@muster/agent-api/agent";
import { MusterError } from "@muster/model/errors";
import { type Layout, layoutOf } from "@muster/node-agent/engine/layout";
import { buildBusybox } from "@muster/node-agent/template/build-busybox";
import { buildDebian } from "@muster/node-agent/template/build-debian";
import { openTemplateStore } from "@muster/node-agent/template/store";
import { readEnvironment } from "./env.ts";

interface Recipe extends Pick<ImportTemplate, "description" | "init"> {
  build(archive: string): Promise<void>;
}

const RECIPES: Record<string, Recipe> = {
  busybox: {
    description: "busybox: init, shell and web server in 2 MB",
    init: "busybox",
    build: async (archive) => writeFile(archive, await buildBusybox(), { mode: 0o600 }),
  },
  "debian-12": {
    description: "Debian 12 with systemd, ssh and cron",
    init: "systemd",
    build: buildDebian,
  },
};

async function provide(layout: Layout, name: string, recipe: Recipe): Promise<string> {
  const store = openTemplateStore(layout);
  await store.prepare();
  if ((await store.list()).some((template) => template.name === name)) return `Template ${name} is there already.\n`;
  const fileName = `${name}-${process.pid}.tar`;
  const archive = join(layout.importDir, fileName);
  try {
    await recipe.build(archive);
    const sha256 = await sumOf(archive);
    const input = {
      key: `template:${name}`,
      name,
      fileName,
      sha256,
      description: recipe.description,
      init: recipe.init,
    };
    await store.import(input, new AbortController().signal);
    return `Template ${name} imported (sha256 ${sha256}).\n`;
  } finally {
    await rm(archive, { force: true });
  }
}

async function sumOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

async function main(): Promise<void> {
  const name = process.argv[2] ?? "";
  const recipe = Object.hasOwn(RECIPES, name) ? RECIPES[name] : undefined;
  if (recipe === undefined) {
    process.stderr.write(`Name a template to build: ${Object.keys(RECIPES).join(" or ")}.\n`);
    process.exit(2);
  }
  try {
    process.stdout.write(await provide(layoutOf(readEnvironment(process.env).agentDirectory), name, recipe));
  } catch (error) {
    const cause = error instanceof MusterError && error.cause instanceof Error ? ` ${error.cause.message}` : "";
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}${cause}\n`);
    process.exit(1);
  }
}

await main();
