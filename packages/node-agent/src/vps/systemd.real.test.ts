/** Debian with systemd as it ships, unprivileged: it boots to `running`, does its work, and stops in order. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, link } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { debianArchive } from "../trial/debian-archive.ts";
import { createTrialNode, inside, leftovers, type TrialNode } from "../trial/trial-node.ts";
import type { Placements } from "./placements.ts";

const MIB = 1024 * 1024;
const never = new AbortController().signal;
let node: TrialNode;
let agent: Placements;
let vpsId = "";

/** Minutes where the archive has to be built from Debian's mirror first. */
const BUILD_TIMEOUT_MS = 600_000;

beforeAll(async () => {
  node = await createTrialNode();
  agent = await node.boot();
  const archive = await debianArchive();
  const place = join(node.layout.importDir, "debian.tar");
  await link(archive, place).catch(() => copyFile(archive, place));
  const hash = createHash("sha256");
  await pipeline(createReadStream(place), hash);
  const template = { name: "debian-12", description: "", init: "systemd", fileName: "debian.tar" } as const;
  await agent.importTemplate({ key: "t", ...template, sha256: hash.digest("hex") }, never);
  const input = node.creation(1, { memoryBytes: 512 * MIB, diskBytes: 256 * MIB, pidsMax: 512 });
  input.spec.template = "debian-12";
  vpsId = input.vpsId;
  await agent.create(input, never);
  await agent.start({ vpsId, epoch: 1, key: "s" }, never);
}, BUILD_TIMEOUT_MS);
afterAll(async () => {
  await agent?.close();
  await node?.clean();
});

async function guest(...argv: string[]): Promise<string> {
  const { stdout, stderr } = await inside(node, vpsId, ...argv);
  return `${stdout}${stderr}`.trim();
}

async function settled(): Promise<string> {
  let state = "";
  for (const endMs = Date.now() + 40_000; Date.now() < endMs; await setTimeout(200)) {
    state = await guest("systemctl", "is-system-running");
    if (["running", "degraded", "maintenance"].includes(state)) break;
  }
  return state;
}

describe("a systemd guest", () => {
  it("boots to running, with no failed unit", async () => {
    const state = await settled();
    expect(await guest("systemctl", "--failed", "--plain", "--no-legend")).toBe("");
    expect(state).toBe("running");
    expect(await guest("systemctl", "is-active", "ssh", "cron", "dbus")).toBe("active\nactive\nactive");
    expect(await guest("hostname")).toBe("trial-1");
  });

  it("manages its own cgroups, inside its own", async () => {
    expect(await guest("systemd-run", "--wait", "--quiet", "true")).toBe("");
    expect(await guest("cat", "/proc/1/cgroup")).toContain("0::/init.scope");
    expect(await guest("cat", "/proc/self/uid_map")).not.toMatch(/^\s*0\s+0\s/);
  });

  it("stops in order within its grace", async () => {
    const before = performance.now();
    await agent.stop({ vpsId, epoch: 1, key: "x", graceMs: 20_000 }, never);
    expect(performance.now() - before).toBeLessThan(15_000);
    await agent.start({ vpsId, epoch: 1, key: "s2" }, never);
    expect(await settled()).toBe("running");
    expect(await guest("journalctl", "--list-boots", "--no-pager", "--quiet")).not.toBe("");
    await agent.delete({ vpsId, epoch: 1, key: "d" }, never);
    expect(await leftovers(node, vpsId)).toEqual([]);
  });
});
