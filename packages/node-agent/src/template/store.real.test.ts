import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ImportTemplate } from "@muster/agent-api/agent";
import type { Progress } from "@muster/model/job";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runOk } from "../engine/exec.ts";
import { createTrialNode, type TrialNode } from "../trial/trial-node.ts";
import { openTemplateStore, type TemplateStore } from "./store.ts";

const never = new AbortController().signal;
let node: TrialNode;
let store: TemplateStore;

beforeAll(async () => {
  node = await createTrialNode();
  store = openTemplateStore(node.layout);
});
afterAll(() => node?.clean());

async function put(fileName: string, bytes: string | Buffer): Promise<ImportTemplate> {
  await writeFile(join(node.layout.importDir, fileName), bytes);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { key: fileName, name: "another", description: "", init: "busybox", fileName, sha256 };
}

async function names(): Promise<string[]> {
  return (await store.list()).map(({ name }) => name);
}

describe("the template store", () => {
  it("lists what was imported", async () => {
    expect(await store.list()).toMatchObject([{ name: "busybox", init: "busybox" }]);
  });

  it("refuses an archive with another checksum, and one that is not there", async () => {
    const input = await put("a.tar", "bytes");
    await expect(store.import({ ...input, sha256: "0".repeat(64) }, never)).rejects.toMatchObject({
      code: "checksum_mismatch",
    });
    await expect(store.import({ ...input, fileName: "b.tar" }, never)).rejects.toMatchObject({ code: "not_found" });
    expect(await names()).toEqual(["busybox"]);
  });

  it("tells how much of an archive it has checked, and how much it has unpacked", async () => {
    const tree = join(node.layout.agentDir, "tree");
    await mkdir(join(tree, "sbin"), { recursive: true });
    await writeFile(join(tree, "sbin/init"), "");
    await writeFile(join(tree, "big"), Buffer.alloc(12 * 1024 * 1024));
    const packed = join(node.layout.importDir, "tree.tar");
    await runOk({ program: "tar", args: ["-cf", packed, "-C", tree, "."], timeoutMs: 5000 });
    const heard: Progress[] = [];
    const input = await put("big.tar", await readFile(packed));
    await store.import(input, never, (progress) => heard.push(progress));
    const of = (name: string) => heard.filter(({ phase }) => phase === name).map(({ done }) => done);
    expect(of("Check").at(-1)).toBe((await readFile(packed)).length);
    expect(of("Unpack").length).toBeGreaterThan(3);
    for (const phase of ["Check", "Unpack"]) expect(of(phase)).toEqual(of(phase).toSorted((a, b) => a - b));
    await rm(join(node.layout.templatesDir, input.name), { recursive: true });
  });

  it("does not follow a link out of the import directory", async () => {
    await symlink("/etc/passwd", join(node.layout.importDir, "link.tar"));
    const input = { ...(await put("c.tar", "bytes")), fileName: "link.tar" };
    await expect(store.import(input, never)).rejects.toMatchObject({ code: "not_found" });
  });

  it("refuses what is no archive, an archive that was cut off, and one without an init", async () => {
    const whole = await readFile(join(node.layout.importDir, "busybox.tar"));
    const empty = join(node.layout.agentDir, "empty");
    await mkdir(join(empty, "etc"), { recursive: true });
    const bare = join(node.layout.importDir, "bare.tar");
    await runOk({ program: "tar", args: ["-cf", bare, "-C", empty, "."], timeoutMs: 5000 });
    const inputs = [
      await put("text.tar", "this is not an archive".repeat(1000)),
      await put("cut.tar", whole.subarray(0, 100_000)),
      await put("bare.tar", await readFile(bare)),
    ];
    for (const input of inputs) {
      await expect(store.import(input, never)).rejects.toMatchObject({ code: "archive_invalid" });
    }
    expect(await names()).toEqual(["busybox"]);
  });

  it("refuses an archive that wants to write outside itself", async () => {
    const path = join(node.layout.importDir, "evil.tar");
    const args = ["-cPf", path, "--transform", "s,^,../../,", "/etc/hostname"];
    await runOk({ program: "tar", args, timeoutMs: 5000 });
    const input = await put("evil.tar", await readFile(path));
    await expect(store.import(input, never)).rejects.toMatchObject({ code: "archive_invalid" });
  });

  it("takes the same template twice, and refuses another under its name", async () => {
    const again = await put("busybox.tar", await readFile(join(node.layout.importDir, "busybox.tar")));
    expect(await store.import({ ...again, name: "busybox" }, never)).toMatchObject({ name: "busybox" });
    const other = await put("d.tar", "bytes");
    await expect(store.import({ ...other, name: "busybox" }, never)).rejects.toMatchObject({ code: "name_taken" });
  });

  it("takes the same template from two imports at once", async () => {
    const again = await put("busybox.tar", await readFile(join(node.layout.importDir, "busybox.tar")));
    const input = { ...again, name: "raced" };
    const [first, second] = await Promise.all([store.import(input, never), store.import(input, never)]);
    expect(second).toEqual(first);
    expect((await readdir(node.layout.templatesDir)).sort()).toEqual(["busybox", "raced"]);
    await rm(join(node.layout.templatesDir, "raced"), { recursive: true });
  });

  it("removes what a crash left unfinished", async () => {
    const left = join(node.layout.templatesDir, ".new-999999999-abc");
    await mkdir(join(left, "rootfs"), { recursive: true });
    await store.prepare();
    await expect(readFile(left)).rejects.toMatchObject({ code: "ENOENT" });
    expect(await names()).toEqual(["busybox"]);
  });
});
