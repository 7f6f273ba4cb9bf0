/** A stop whose caller gave up has asked the guest already: whoever starts the VPS next must not find it running still. */
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createMemoryNode, creation, type MemoryNode, placed } from "../trial/memory-node.ts";

const never = new AbortController().signal;
let node: MemoryNode;

beforeEach(async () => {
  node = await createMemoryNode();
});
afterEach(() => node.clean());

const count = (name: string) => node.machine.calls.filter((call) => call.startsWith(`${name} `)).length;

async function givenUp(graceMs: number) {
  const agent = await node.boot();
  await agent.create(creation("c"), never);
  await agent.start(placed("s1"), never);
  node.machine.failing.add("orderly");
  const stop = agent.stop({ ...placed("x"), graceMs }, AbortSignal.timeout(20));
  await expect(stop).rejects.toMatchObject({ code: "deadline_exceeded" });
  return agent;
}

it("waits for a guest that is about to stop, and starts it again", async () => {
  const agent = await givenUp(60_000);
  const again = agent.start(placed("s2"), never);
  await delay(20);
  expect(count("start")).toBe(1);
  node.machine.containers.set(placed("").vpsId, { state: "half" });
  expect(await again).toMatchObject({ state: "running" });
  expect(count("start")).toBe(2);
});

it("ends it by force when its grace is over", async () => {
  const agent = await givenUp(60);
  expect(await agent.start(placed("s2"), never)).toMatchObject({ state: "running" });
  expect([count("askToStop"), count("start")]).toEqual([1, 2]);
});

it("leaves a guest alone that was not asked yet", async () => {
  const agent = await node.boot();
  await agent.create(creation("c"), never);
  await agent.start(placed("s1"), never);
  const stop = agent.stop({ ...placed("x"), graceMs: 60_000 }, AbortSignal.abort());
  await expect(stop).rejects.toMatchObject({ code: "deadline_exceeded" });
  await agent.start(placed("s2"), never);
  expect([count("askToStop"), count("start")]).toEqual([0, 1]);
});
