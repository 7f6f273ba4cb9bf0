/** Debian with systemd as it ships, unprivileged: it boots to `running`, does its work, and stops in order. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BUILD_TIMEOUT_MS, settledState, startSystemdGuest } from "../trial/systemd-guest.ts";
import { createTrialNode, inside, leftovers, type TrialNode } from "../trial/trial-node.ts";
import type { Placements } from "./placements.ts";

const never = new AbortController().signal;
let node: TrialNode;
let agent: Placements;
let vpsId = "";

beforeAll(async () => {
  node = await createTrialNode();
  agent = await node.boot();
  vpsId = await startSystemdGuest(node, agent);
}, BUILD_TIMEOUT_MS);
afterAll(async () => {
  await agent?.close();
  await node?.clean();
});

async function guest(...argv: string[]): Promise<string> {
  const { stdout, stderr } = await inside(node, vpsId, ...argv);
  return `${stdout}${stderr}`.trim();
}

describe("a systemd guest", () => {
  it("boots to running, with no failed unit", async () => {
    const state = await settledState(node, vpsId);
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
    expect(await settledState(node, vpsId)).toBe("running");
    expect(await guest("journalctl", "--list-boots", "--no-pager", "--quiet")).not.toBe("");
    await agent.delete({ vpsId, epoch: 1, key: "d" }, never);
    expect(await leftovers(node, vpsId)).toEqual([]);
  });
});
