import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findLayout, openCgroups } from "./cgroups.ts";
import { hostClock } from "./clock.ts";

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

describe("all VPSs together", () => {
  const LAYOUTS = [
    { layout: "v1-hybrid", parent: "cpu/muster", file: "cpu.shares", initial: "1024\n", ours: "10240" },
    { layout: "v2", parent: "muster", file: "cpu.weight", initial: "100\n", ours: "1000" },
  ];

  it.each(LAYOUTS)("weigh ten times what a program of the host does ($layout)", async ({ layout, ...place }) => {
    const path = join(root, place.parent, place.file);
    await mkdir(join(root, place.parent), { recursive: true });
    await mkdir(join(root, "memory"), { recursive: true });
    if (layout === "v2") await writeFile(join(root, "cgroup.controllers"), "");
    await writeFile(path, place.initial);
    const cgroups = openCgroups(hostClock, root);
    expect(cgroups.layout).toBe(layout);
    await cgroups.divided();
    expect(await readFile(path, "utf8")).toBe(place.ours);
    await writeFile(path, "77\n");
    await cgroups.divided();
    expect(await readFile(path, "utf8")).toBe("77\n"); // an administrator has set it
  });
});
