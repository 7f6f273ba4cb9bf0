import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createMemoryNode, creation, type MemoryNode, placed } from "../trial/memory-node.ts";

const never = new AbortController().signal;
let node: MemoryNode;

beforeEach(async () => {
  node = await createMemoryNode();
});
afterEach(() => node.clean());

describe("a key", () => {
  it("does its work once, however often it comes, also across a restart", async () => {
    const agent = await node.boot();
    const first = await agent.create(creation("j1:create"), never);
    expect(await agent.create(creation("j1:create"), never)).toEqual(first);
    const next = await node.boot();
    expect(await next.create(creation("j1:create"), never)).toEqual(first);
    expect(node.machine.calls.filter((call) => call.startsWith("createArea"))).toHaveLength(1);
  });

  it("joins the work that is under way", async () => {
    const agent = await node.boot();
    await Promise.all([agent.create(creation("j1:create"), never), agent.create(creation("j1:create"), never)]);
    expect(node.machine.calls.filter((call) => call.startsWith("createArea"))).toHaveLength(1);
  });

  it("tries again after a failure, on clean ground", async () => {
    const agent = await node.boot();
    node.machine.failing.add("createArea");
    await expect(agent.create(creation("j1:create"), never)).rejects.toMatchObject({ code: "engine_failed" });
    expect(node.machine.areas.size).toBe(0);
    node.machine.failing.clear();
    expect(await agent.create(creation("j1:create"), never)).toMatchObject({ state: "stopped" });
  });
});

describe("create", () => {
  it("refuses an address that another VPS of the node has, and one outside the network", async () => {
    const agent = await node.boot();
    await agent.create(creation("c1"), never);
    await expect(agent.create(creation("c2", "v000000000b"), never)).rejects.toMatchObject({ code: "address_taken" });
    const outside = creation("c3", "v000000000c", 11);
    outside.spec.address = "10.99.0.1";
    await expect(agent.create(outside, never)).rejects.toMatchObject({ code: "address_outside_network" });
  });

  it("lets one of two win that want the same address at once", async () => {
    const agent = await node.boot();
    const both = [creation("c1", "v000000000a"), creation("c2", "v000000000b")];
    const outcomes = await Promise.allSettled(both.map((input) => agent.create(input, never)));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  it("refuses a template that the node does not have", async () => {
    const agent = await node.boot();
    const input = creation("c1");
    input.spec.template = "nothing";
    await expect(agent.create(input, never)).rejects.toMatchObject({ code: "template_missing", field: "template" });
  });
});

describe("start and stop", () => {
  it("take what is already so for done", async () => {
    const agent = await node.boot();
    await agent.create(creation("c"), never);
    expect(await agent.stop({ ...placed("x0"), graceMs: 0 }, never)).toMatchObject({ state: "stopped" });
    await agent.start(placed("s1"), never);
    expect(await agent.start(placed("s2"), never)).toMatchObject({ state: "running", startedAtMs: 1000 });
    expect(node.machine.calls.filter((call) => call.startsWith("start"))).toHaveLength(1);
  });

  it("use force on a guest that does not stop in its grace", async () => {
    const agent = await node.boot();
    await agent.create(creation("c"), never);
    await agent.start(placed("s"), never);
    node.machine.failing.add("orderly");
    expect(await agent.stop({ ...placed("x"), graceMs: 30 }, never)).toMatchObject({ state: "stopped" });
    expect(node.machine.containers.size).toBe(0);
  });

  it("leave nothing of a start that failed", async () => {
    const agent = await node.boot();
    await agent.create(creation("c"), never);
    node.machine.failing.add("start");
    await expect(agent.start(placed("s"), never)).rejects.toMatchObject({ code: "engine_failed" });
    expect(node.machine.containers.size).toBe(0);
  });

  it("do not know a VPS that is not there", async () => {
    const agent = await node.boot();
    await expect(agent.start(placed("s"), never)).rejects.toMatchObject({ code: "not_found" });
    await expect(agent.mustRun("v000000000a")).rejects.toMatchObject({ code: "not_found" });
    await agent.delete(placed("d"), never);
  });
});

describe("a failure of the host", () => {
  it("is disk_full when its own disk is", async () => {
    const agent = await node.boot();
    node.machine.engine.storage.createArea = async () => {
      throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
    };
    await expect(agent.create(creation("c"), never)).rejects.toMatchObject({ code: "disk_full" });
    expect(await agent.list()).toEqual([]);
  });

  it("is deadline_exceeded when the caller gave up", async () => {
    const agent = await node.boot();
    await agent.create(creation("c"), never);
    await agent.start(placed("s"), never);
    node.machine.failing.add("orderly");
    const patience = AbortSignal.timeout(20);
    await expect(agent.stop({ ...placed("x"), graceMs: 60_000 }, patience)).rejects.toMatchObject({
      code: "deadline_exceeded",
    });
  });
});
