import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findLayout, limitFiles, openCgroups } from "./cgroups.ts";
import { hostClock } from "./clock.ts";

const RESOURCES = { cpuCores: 0.5, memoryBytes: 64 << 20, diskBytes: 1 << 30, pidsMax: 64 };
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

describe("limitFiles", () => {
  it("lifts memory-and-swap before memory on v1, where it may never be the lower", () => {
    const files = limitFiles("v1-hybrid", RESOURCES, true).map(([, file, value]) => [file, value]);
    expect(files).toEqual([
      ["cpu.cfs_quota_us", "50000"],
      ["cpu.shares", "512"],
      ["memory.memsw.limit_in_bytes", "-1"],
      ["memory.limit_in_bytes", "67108864"],
      ["memory.memsw.limit_in_bytes", "67108864"],
      ["pids.max", "64"],
    ]);
  });

  it("leaves swap alone where v1 does not count it", () => {
    expect(limitFiles("v1-hybrid", RESOURCES, false).some(([, file]) => file.includes("memsw"))).toBe(false);
  });
});

describe("on v2", () => {
  it("writes live limits to the one tree", async () => {
    await writeFile(join(root, "cgroup.controllers"), "cpu memory pids\n");
    const directory = join(root, "muster/v0123456789");
    await mkdir(directory, { recursive: true });
    await openCgroups(hostClock, root).apply("v0123456789", RESOURCES);
    expect(await readFile(join(directory, "cpu.max"), "utf8")).toBe("50000 100000");
    expect(await readFile(join(directory, "memory.max"), "utf8")).toBe("67108864");
    expect(await readFile(join(directory, "memory.swap.max"), "utf8")).toBe("0");
    expect(await readFile(join(directory, "pids.max"), "utf8")).toBe("64");
  });
});
