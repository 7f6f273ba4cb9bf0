/**
 * Templates of this node by hand, as root: `node apps/agent/src/template.ts busybox|debian-12` builds one and imports
 * it, `node apps/agent/src/template.ts import FILE SHA256 --name NAME --init INIT` imports an archive.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import type { ImportTemplate } from "@muster/agent-api/agent";
import { MusterError } from "@muster/model/errors";
import { type Layout, layoutOf } from "@muster/node-agent/engine/layout";
import { buildBusybox } from "@muster/node-agent/template/build-busybox";
import { buildDebian } from "@muster/node-agent/template/build-debian";
import { openTemplateStore } from "@muster/node-agent/template/store";
import { readEnvironment } from "./env.ts";
import { copyArchive, withArchive } from "./import-archive.ts";
import { type ArchiveImport, IMPORT_USAGE, parseImportArguments } from "./template-arguments.ts";

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

/** Does the work and says what was done. */
type Task = (layout: Layout) => Promise<string>;

/** @throws Error with one sentence for whoever typed it. */
function taskOf([word = "", ...rest]: string[]): Task {
  if (word === "import") {
    const wanted = parseImportArguments(rest);
    return (layout) => importArchive(layout, wanted);
  }
  const recipe = Object.hasOwn(RECIPES, word) && rest.length === 0 ? RECIPES[word] : undefined;
  if (recipe !== undefined) return (layout) => provide(layout, word, recipe);
  throw new Error(`Name a template to build, ${Object.keys(RECIPES).join(" or ")}, or write ${IMPORT_USAGE}.`);
}

async function provide(layout: Layout, name: string, { build, description, init }: Recipe): Promise<string> {
  const store = openTemplateStore(layout);
  await store.prepare();
  if ((await store.list()).some((template) => template.name === name)) return `Template ${name} is there already.\n`;
  return withArchive(layout.importDir, async (fileName) => {
    const archive = join(layout.importDir, fileName);
    await build(archive);
    const sha256 = await sumOf(archive);
    const input = { key: `template:${name}`, name, fileName, sha256, description, init };
    await store.import(input, new AbortController().signal);
    return `Template ${name} imported (sha256 ${sha256}).\n`;
  });
}

async function importArchive(layout: Layout, { file, ...facts }: ArchiveImport): Promise<string> {
  const store = openTemplateStore(layout);
  await store.prepare();
  const { signal, cancel } = interruption();
  try {
    return await withArchive(layout.importDir, async (fileName) => {
      await copyArchive(resolve(file), join(layout.importDir, fileName), signal);
      const { name, sha256 } = await store.import({ key: `template:${facts.name}`, fileName, ...facts }, signal);
      return `Template ${name} imported (sha256 ${sha256}).\n`;
    });
  } catch (cause) {
    if (signal.aborted) throw new Error("The import was interrupted: nothing was imported.", { cause });
    throw cause;
  } finally {
    cancel();
  }
}

/** Ctrl-C ends the import, not the process: what it has put on the disk goes away first. */
function interruption(): { signal: AbortSignal; cancel: () => void } {
  const controller = new AbortController();
  const abort = () => controller.abort();
  process.on("SIGINT", abort).on("SIGTERM", abort);
  return { signal: controller.signal, cancel: () => void process.off("SIGINT", abort).off("SIGTERM", abort) };
}

async function sumOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof MusterError)) return error instanceof Error ? error.message : String(error);
  const cause = error.cause instanceof Error ? ` ${error.cause.message}` : "";
  return `${error.message} (${error.code})${cause}`;
}

function fail(error: unknown, exitCode: number): never {
  process.stderr.write(`${sentenceOf(error)}\n`);
  process.exit(exitCode);
}

function read(): { task: Task; layout: Layout } {
  try {
    const task = taskOf(process.argv.slice(2));
    return { task, layout: layoutOf(readEnvironment(process.env).agentDirectory) };
  } catch (error) {
    return fail(error, 2);
  }
}

const { task, layout } = read();
try {
  process.stdout.write(await task(layout));
} catch (error) {
  fail(error, 1);
}
