/**
 * A VPS as this engine makes it survives a dump and a restore: the promise that live migration will stand on, kept
 * while the engine grows. Needs a CRIU that passes its own check (inventory/find-criu.ts says which one is used).
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findCriu } from "../inventory/find-criu.ts";
import { visit, visitUntilAnswered } from "../trial/http.ts";
import { createTrialNode, inside, leftovers, type TrialNode } from "../trial/trial-node.ts";
import type { Placements } from "../vps/placements.ts";
import { run, runOk } from "./exec.ts";
import { NATIVE_PATH } from "./native.ts";

const never = new AbortController().signal;
const criu = await findCriu(process.env["MUSTER_CRIU"]);
let node: TrialNode;
let agent: Placements;

beforeAll(async () => {
  node = await createTrialNode();
  agent = await node.boot();
});
afterAll(async () => {
  await agent?.close();
  await node?.clean();
});

async function runc(...args: string[]): Promise<void> {
  const program = ["runc", "--root", node.layout.runcRoot, "--criu", criu ?? "criu", ...args];
  const outcome = await run({
    program: NATIVE_PATH,
    args: ["run", "-", ...program],
    timeoutMs: 30_000,
    detachedOutput: true,
  });
  expect(outcome.exitCode, `runc ${args[0]}`).toBe(0);
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

    // An agent that looks on would clear away a VPS that has ended without it.
    await agent.close();
    const images = join(node.layout.agentDir, "images");
    const work = join(images, "work");
    await mkdir(work, { recursive: true });
    const places = ["--image-path", images, "--work-path", work, "--tcp-established", "--file-locks"];
    await runc("checkpoint", ...places, vpsId);
    expect(await visit(input.spec.address)).toBeNull();
    await runc("restore", "--detach", ...places, "--bundle", node.layout.bundleDir(vpsId), vpsId);

    expect(await visitUntilAnswered(input.spec.address)).toContain("trial-1");
    expect(Number(await visit(input.spec.address, "/count"))).toBeGreaterThanOrEqual(before);
    expect((await inside(node, vpsId, "ip", "route")).stdout).toContain("default via");
    agent = await node.boot();
    expect(await agent.list()).toMatchObject([{ vpsId, state: "running" }]);
    await agent.delete({ vpsId, epoch: 1, key: "d" }, never);
    expect(await leftovers(node, vpsId)).toEqual([]);
  });

  it("has a CRIU that finds this kernel good", async () => {
    await runOk({ program: criu ?? "criu", args: ["check"], timeoutMs: 20_000 });
  });
});
