/** The command as an operator gives it: a process of its own, judged by its exit code and by what is on the disk. */
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Outcome, run, runOk } from "@muster/node-agent/engine/exec";
import { layoutOf } from "@muster/node-agent/engine/layout";
import { readProcess } from "@muster/node-agent/engine/proc";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const COMMAND = join(import.meta.dirname, "template.ts");
const WRONG = "0".repeat(64);

let work: string;
let sha256: string;
const layout = () => layoutOf(join(work, "data", "agent"));

/** Given in the directory of the archive, whose name is therefore a relative path. */
const template = (...args: string[]): Promise<Outcome> =>
  run({
    program: process.execPath,
    args: [COMMAND, ...args],
    cwd: work,
    env: { MUSTER_DATA_DIR: join(work, "data") },
    timeoutMs: 30_000,
  });
const tinyAs = (name: string) => ["--name", name, "--init", "busybox"];

beforeEach(async () => {
  work = await mkdtemp(join(tmpdir(), "muster-template-"));
  const root = join(work, "root");
  await mkdir(join(root, "sbin"), { recursive: true });
  await writeFile(join(root, "sbin/init"), "#!/bin/sh\n", { mode: 0o755 });
  await runOk({ program: "tar", args: ["-cf", join(work, "tiny.tar"), "-C", root, "."], timeoutMs: 5000 });
  sha256 = createHash("sha256")
    .update(await readFile(join(work, "tiny.tar")))
    .digest("hex");
});
afterEach(() => rm(work, { recursive: true, force: true }));

describe("template import", () => {
  it("takes a tarball with its checksum, by a relative and by an absolute path", async () => {
    const first = await template("import", "tiny.tar", sha256, ...tinyAs("tiny"), "--description", "Very small");
    expect(first).toMatchObject({ exitCode: 0, stdout: `Template tiny imported (sha256 ${sha256}).\n` });
    expect(await template("import", join(work, "tiny.tar"), sha256, ...tinyAs("other"))).toMatchObject({ exitCode: 0 });
    expect(await readdir(layout().templatesDir)).toEqual(["other", "tiny"]);
    const facts = await readFile(join(layout().templatesDir, "tiny", "template.json"), "utf8");
    expect(JSON.parse(facts)).toMatchObject({ name: "tiny", sha256, init: "busybox", description: "Very small" });
    expect(await readFile(join(layout().templateRootfs("tiny"), "sbin/init"), "utf8")).toBe("#!/bin/sh\n");
    expect(await readdir(layout().importDir)).toEqual([]);
    expect(await readdir(work)).toContain("tiny.tar");
  });

  it("refuses a wrong checksum, what is no archive and what is no file, and leaves nothing behind", async () => {
    const text = "This is no archive.\n".repeat(100);
    await writeFile(join(work, "text.tar"), text);
    const textSum = createHash("sha256").update(text).digest("hex");
    await runOk({ program: "mkfifo", args: [join(work, "pipe.tar")], timeoutMs: 5000 });
    const attempts = [
      ["tiny.tar", WRONG, "checksum_mismatch"],
      ["text.tar", textSum, "archive_invalid"],
      ["missing.tar", sha256, "not_found"],
      ["root", sha256, "not_found"],
      ["pipe.tar", sha256, "not_found"],
    ] as const;
    for (const [file, sum, code] of attempts) {
      const { exitCode, stderr } = await template("import", file, sum, ...tinyAs("tiny"));
      expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining(`(${code})`) });
    }
    expect(await readdir(layout().importDir)).toEqual([]);
    expect(await readdir(layout().templatesDir)).toEqual([]);
  });

  it("says in one line how it is written, and touches nothing then", async () => {
    const { exitCode, stderr } = await template("import", "tiny.tar", sha256, "--init", "busybox");
    expect({ exitCode, lines: stderr.trimEnd().split("\n").length }).toEqual({ exitCode: 2, lines: 1 });
    expect(await readdir(work)).not.toContain("data");
  });

  it("removes the archive of a killed import, and only that", async () => {
    const { importDir } = layout();
    await mkdir(importDir, { recursive: true });
    const startTicks = readProcess(process.pid)?.startTicks ?? 0;
    const kept = ["mine.tar", `template-command-${process.pid}-${startTicks}.tar`];
    const left = ["template-command-999999999-1.tar", `template-command-${process.pid}-${startTicks + 1}.tar`];
    for (const name of [...kept, ...left]) await writeFile(join(importDir, name), "");
    expect(await template("import", "tiny.tar", sha256, ...tinyAs("tiny"))).toMatchObject({ exitCode: 0 });
    expect(await readdir(importDir)).toEqual(kept);
  });
});
