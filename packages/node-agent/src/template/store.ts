/**
 * The node's templates: templates/<name>/rootfs with what is known of it in template.json beside it. A template
 * appears whole, by one rename, or not at all; and it never changes afterwards, since VPSs stand on it.
 */
import { createHash } from "node:crypto";
import { createReadStream, existsSync, lstatSync } from "node:fs";
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { ImportTemplate } from "@muster/agent-api/agent";
import { MusterError } from "@muster/model/errors";
import type { Progress } from "@muster/model/job";
import { type Template, templateSchema } from "@muster/model/node";
import type { Templates } from "../agent.ts";
import { runOk } from "../engine/exec.ts";
import type { Layout } from "../engine/layout.ts";
import { readProcess } from "../engine/proc.ts";
import { inspectArchive, unpackArchive } from "./archive.ts";

const FACTS = "template.json";
/** Followed by the pid of who makes it: the set-up may import while an agent runs. No template's name begins with a dot. */
const UNFINISHED = ".new-";
const SYNC_TIMEOUT_MS = 120_000;

export interface TemplateStore extends Templates {
  /** Makes the directories, and removes what a crash left unfinished. */
  prepare(): Promise<void>;
}

export function openTemplateStore(layout: Layout): TemplateStore {
  const { templatesDir, importDir } = layout;
  return {
    prepare: async () => {
      await mkdir(templatesDir, { recursive: true, mode: 0o700 });
      await mkdir(importDir, { recursive: true, mode: 0o700 });
      for (const name of await readdir(templatesDir)) {
        if (isLeftover(name)) await rm(join(templatesDir, name), { recursive: true, force: true });
      }
    },
    list: async () => {
      const names = (await readdir(templatesDir)).filter((name) => !name.startsWith("."));
      return Promise.all(names.sort().map((name) => readFacts(templatesDir, name)));
    },
    import: async (input, signal, report = () => undefined) => {
      const there = existsSync(join(templatesDir, input.name));
      if (there) return sameOrTaken(await readFacts(templatesDir, input.name), input);
      const archive = join(importDir, input.fileName);
      await checkSum(archive, input.sha256, { signal, report });
      const { sizeBytes } = await inspectArchive(archive, signal);
      const { name, description, sha256, init } = input;
      const template = { name, description, sha256, sizeBytes, init };
      return unpack(layout, { archive, template }, { signal, report });
    },
  };
}

interface Watched {
  signal: AbortSignal;
  report: (progress: Progress) => void;
}

async function unpack(
  { templatesDir }: Layout,
  { archive, template }: { archive: string; template: Template },
  { signal, report }: Watched,
): Promise<Template> {
  const fresh = await mkdtemp(join(templatesDir, `${UNFINISHED}${process.pid}-`));
  try {
    const rootfs = join(fresh, "rootfs");
    await mkdir(rootfs, { mode: 0o755 });
    const { sizeBytes } = template;
    const unpacked = (bytes: number) => {
      report({ phase: "Unpack", done: Math.min(bytes, sizeBytes), total: sizeBytes, unit: "bytes" });
    };
    unpacked(0);
    await unpackArchive({ path: archive, directory: rootfs }, signal, unpacked);
    mustHaveInit(rootfs);
    const facts = await open(join(fresh, FACTS), "w", 0o600);
    await facts.writeFile(JSON.stringify(template));
    await facts.close();
    await runOk({ program: "sync", args: ["--file-system", fresh], timeoutMs: SYNC_TIMEOUT_MS, signal });
    return await appear(fresh, templatesDir, template);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

/** Two imports of one name may race, an agent's and a command's: the second finds the directory taken, which is no failure. */
async function appear(fresh: string, templatesDir: string, template: Template): Promise<Template> {
  try {
    await rename(fresh, join(templatesDir, template.name));
    return template;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && (error.code === "ENOTEMPTY" || error.code === "EEXIST"))) {
      throw error;
    }
    return sameOrTaken(await readFacts(templatesDir, template.name), template);
  }
}

async function readFacts(templatesDir: string, name: string): Promise<Template> {
  return templateSchema.parse(JSON.parse(await readFile(join(templatesDir, name, FACTS), "utf8")));
}

function sameOrTaken(there: Template, input: Pick<ImportTemplate, "name" | "sha256">): Template {
  if (there.sha256 === input.sha256) return there;
  throw new MusterError("name_taken", `The node has another template of the name ${input.name}.`, { field: "name" });
}

/** not_found, checksum_mismatch */
async function checkSum(path: string, expected: string, { signal, report }: Watched): Promise<void> {
  if (!existsSync(path) || !lstatSync(path).isFile()) {
    throw new MusterError("not_found", "The node's import directory has no such file.", { field: "fileName" });
  }
  const hash = createHash("sha256");
  const total = lstatSync(path).size;
  const archive = createReadStream(path, { highWaterMark: 1024 * 1024 });
  archive.on("data", () => report({ phase: "Check", done: archive.bytesRead, total, unit: "bytes" }));
  await pipeline(archive, hash, { signal });
  if (hash.digest("hex") === expected) return;
  throw new MusterError("checksum_mismatch", "The archive's SHA-256 is not the one that was given.", {
    field: "sha256",
  });
}

/** Not followed: where a link leads is the guest's business, and would be looked up on the host here. */
function mustHaveInit(rootfs: string): void {
  const places = ["sbin/init", "usr/sbin/init"];
  if (places.some((place) => lstatSync(join(rootfs, place), { throwIfNoEntry: false }) !== undefined)) return;
  throw new MusterError("archive_invalid", "The archive has no /sbin/init: it is not a root file system.");
}

function isLeftover(name: string): boolean {
  const pid = new RegExp(`^\\${UNFINISHED}(\\d+)-`).exec(name)?.[1];
  return pid !== undefined && (Number(pid) === process.pid || readProcess(Number(pid))?.alive !== true);
}
