/**
 * The agent is killed at every place of a VPS's life: around every call that changes the machine, and at moments
 * in between, in mid-runc too. The next agent finds a VPS whole or not at all, and the same keys lead to the end.
 */
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { run } from "../engine/exec.ts";
import { visitUntilAnswered } from "../trial/http.ts";
import { createTrialNode, leftovers, quotaGroups, type TrialNode } from "../trial/trial-node.ts";
import type { Placements } from "./placements.ts";

const DOOMED = fileURLToPath(new URL("../trial/doomed-agent.ts", import.meta.url));
const never = new AbortController().signal;
let node: TrialNode;
let agent: Placements | undefined;

/** The VPS of this test: another one each time, since an agent remembers the keys it has answered. */
let number = 0;

beforeAll(async () => {
  node = await createTrialNode();
});
afterAll(() => node?.clean());
beforeEach(() => {
  number += 1;
});
afterEach(async () => {
  await agent?.close();
  agent = undefined;
});

async function kill(when: "before" | "after" | "ms", place: number): Promise<number | null> {
  const args = [DOOMED, node.layout.agentDir, String(process.pid), when, String(place), String(number)];
  const outcome = await run({ program: process.execPath, args, timeoutMs: 20_000 });
  expect(outcome.stderr).not.toContain("Error");
  return outcome.exitCode;
}

/** With the keys of the agent that died. */
async function liveOn(): Promise<void> {
  agent = await node.boot();
  const input = node.creation(number);
  const { vpsId } = input;
  const found = await agent.list();
  expect(["stopped", "running", undefined]).toContain(found[0]?.state);
  if (found.length === 0) expect(await leftovers(node, vpsId)).toEqual([]);
  // As the server would: what was not answered is asked again; what has been undone since is made anew.
  const round = `again-${vpsId}`;
  const placed = { vpsId, epoch: found.length === 0 ? 2 : 1 }; // the first placement may be over with its delete
  if (found[0]?.state === "running") await agent.stop({ vpsId, epoch: 1, key: `stop-${vpsId}`, graceMs: 50 }, never);
  await agent.create(found.length === 0 ? { ...input, ...placed, key: round } : input, never);
  await agent.start({ ...placed, key: round }, never);
  expect(await visitUntilAnswered(input.spec.address)).toContain(`<h1>${input.spec.name}</h1>`);
  await agent.delete({ ...placed, key: round }, never);
  expect(await leftovers(node, vpsId)).toEqual([]);
  expect(await quotaGroups(node)).toBe(1);
}

describe("an agent that is killed", () => {
  /** createArea, mountArea, start, askToStop, remove (stop), remove, removeArea (delete) */
  const STEPS = [1, 2, 3, 4, 5, 6, 7];

  it.each(STEPS)("before step %i of a VPS's life leaves nothing half-made", async (step) => {
    expect(await kill("before", step)).toBeNull();
    await liveOn();
  });

  it.each(STEPS)("after step %i of a VPS's life leaves nothing half-made", async (step) => {
    expect(await kill("after", step)).toBeNull();
    await liveOn();
  });

  it.each([3, 15, 30, 45, 60])("%i ms after it began leaves nothing half-made", async (ms) => {
    await kill("ms", ms);
    await liveOn();
  });

  it("does not take a running VPS with it: the next one knows it again, and it was never interrupted", async () => {
    expect(await kill("after", 3)).toBeNull();
    const input = node.creation(number);
    const body = await visitUntilAnswered(input.spec.address);
    expect(body).toContain(`<h1>${input.spec.name}</h1>`);
    agent = await node.boot();
    const [first] = await agent.list();
    expect(first).toMatchObject({ state: "running" });
    const { pid } = await agent.mustRun(input.vpsId);
    await agent.close();
    agent = await node.boot();
    expect((await agent.mustRun(input.vpsId)).pid).toBe(pid);
    expect(await agent.list()).toMatchObject([{ state: "running", startedAtMs: expect.any(Number) }]);
  });
});
