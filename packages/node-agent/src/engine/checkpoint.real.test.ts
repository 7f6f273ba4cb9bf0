/**
 * A VPS as this engine makes it survives a dump and a restore: the promise that live migration will stand on, kept
 * while the engine grows. Needs a CRIU that passes its own check (inventory/find-criu.ts says which one is used).
 */
import { chown, mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findCriu } from "../inventory/find-criu.ts";
import { visit, visitUntilAnswered } from "../trial/http.ts";
import { BUILD_TIMEOUT_MS, settledState, startSystemdGuest } from "../trial/systemd-guest.ts";
import { createTrialNode, inside, leftovers, type TrialNode } from "../trial/trial-node.ts";
import type { Placements } from "../vps/placements.ts";
import { run, runOk } from "./exec.ts";
import { NATIVE_PATH } from "./native.ts";

const never = new AbortController().signal;
const criu = await findCriu(process.env["MUSTER_CRIU"]);
let node: TrialNode;
let agent: Placements;

beforeEach(async () => {
  node = await createTrialNode();
  agent = await node.boot();
});
afterEach(async () => {
  await agent?.close();
  await node?.clean();
});

async function runc(startIn: string, ...args: string[]): Promise<void> {
  const program = ["runc", "--root", node.layout.runcRoot, "--criu", criu ?? "criu", ...args];
  const outcome = await run({
    program: NATIVE_PATH,
    args: ["run", startIn, ...program],
    timeoutMs: 30_000,
    detachedOutput: true,
  });
  expect(outcome.exitCode, `runc ${args[0]}`).toBe(0);
}

/** Out of the kernel and back into it, without an agent: one that looked on would clear away what has ended. */
async function thereAndBack(vpsId: string, startIn: string, between: () => Promise<void>): Promise<void> {
  const images = join(node.layout.agentDir, "images");
  const work = join(images, "work");
  await mkdir(work, { recursive: true });
  const places = ["--image-path", images, "--work-path", work, "--tcp-established", "--file-locks"];
  await agent.close();
  await runc("-", "checkpoint", ...places, vpsId);
  await between();
  await runc(startIn, "restore", "--detach", ...places, "--bundle", node.layout.bundleDir(vpsId), vpsId);
  agent = await node.boot();
}

describe("checkpoint and restore", () => {
  it("keeps the processes, their memory, the address and the private area", async () => {
    const input = node.creation(1);
    const { vpsId } = input;
    await agent.create(input, never);
    await agent.start({ vpsId, epoch: 1, key: "s" }, never);
    await visitUntilAnswered(input.spec.address);
    const counter = "i=0; while :; do i=$((i+1)); echo $i > /var/www/count; sleep 0.05; done";
    await inside(node, vpsId, "sh", "-c", `setsid sh -c '${counter}' </dev/null >/dev/null 2>&1 & sleep 0.3`);
    const before = Number(await visit(input.spec.address, "/count"));
    expect(before).toBeGreaterThan(0);

    await thereAndBack(vpsId, "-", async () => expect(await visit(input.spec.address)).toBeNull());

    expect(await visitUntilAnswered(input.spec.address)).toContain("trial-1");
    expect(Number(await visit(input.spec.address, "/count"))).toBeGreaterThanOrEqual(before);
    expect((await inside(node, vpsId, "ip", "route")).stdout).toContain("default via");
    expect(await agent.list()).toMatchObject([{ vpsId, state: "running" }]);
    await agent.delete({ vpsId, epoch: 1, key: "d" }, never);
    expect(await leftovers(node, vpsId)).toEqual([]);
  });

  it("keeps a whole systemd", { timeout: BUILD_TIMEOUT_MS }, async () => {
    const vpsId = await startSystemdGuest(node, agent);
    expect(await settledState(node, vpsId)).toBe("running");
    const cgroup = `/sys/fs/cgroup/unified/muster/${vpsId}`;
    const { uid } = await stat(cgroup);
    const tree = await readdir(cgroup, { recursive: true, withFileTypes: true });
    const groups = [
      "",
      ...tree
        .filter((entry) => entry.isDirectory())
        .map(({ parentPath, name }) => join(parentPath, name).slice(cgroup.length)),
    ];

    await thereAndBack(vpsId, cgroup, async () => {
      // CRIU keeps the cgroups that hold a process; systemd watches the empty ones too.
      for (const group of groups) {
        await mkdir(join(cgroup, group), { recursive: true });
        for (const name of ["", "cgroup.procs", "cgroup.subtree_control", "cgroup.threads"]) {
          await chown(join(cgroup, group, name), uid, uid);
        }
      }
    });

    expect(await settledState(node, vpsId)).toBe("running");
    const script =
      "systemctl restart cron && systemctl is-active cron ssh && systemd-run --wait --quiet true && echo ran";
    expect((await inside(node, vpsId, "sh", "-c", script)).stdout).toBe("active\nactive\nran\n");
  });

  it("has a CRIU that finds this kernel good", async () => {
    await runOk({ program: criu ?? "criu", args: ["check"], timeoutMs: 20_000 });
  });
});
