import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findLayout } from "./cgroups.ts";

let root = "";

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "muster-cgroups-"));
});
afterEach(() => rm(root, { recursive: true }));

describe("findLayout", () => {
  it("knows both layouts, and a host without any", async () => {
    expect(() => findLayout(root)).toThrow(expect.objectContaining({ code: "unsupported" }));
    await mkdir(join(root, "memory"));
    expect(findLayout(root)).toBe("v1-hybrid");
    await writeFile(join(root, "cgroup.controllers"), "cpu memory pids\n");
    expect(findLayout(root)).toBe("v2");
  });
});
