/** What a node says of its VPSs: never older than what it said before, and still true after a restart. */
import type { PlacementStatus } from "@muster/model/vps";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createMemoryNode, creation, type MemoryNode, placed } from "../trial/memory-node.ts";

const never = new AbortController().signal;
let node: MemoryNode;

beforeEach(async () => {
  node = await createMemoryNode();
});
afterEach(() => node.clean());

describe("an epoch", () => {
  it("is refused when an older one comes after a newer, also after a restart and after the VPS is gone", async () => {
    const agent = await node.boot();
    await agent.create(creation("c"), never);
    await agent.start(placed("s", undefined, 3), never);
    await expect(agent.stop({ ...placed("x", undefined, 2), graceMs: 0 }, never)).rejects.toMatchObject({
      code: "epoch_stale",
    });
    await agent.delete(placed("d", undefined, 3), never);
    const next = await node.boot();
    await expect(next.create(creation("late"), never)).rejects.toMatchObject({ code: "epoch_stale" });
  });

  it("is over with its delete: a create that was sent before and arrives after makes nothing", async () => {
    const agent = await node.boot();
    await agent.delete(placed("undo"), never); // the create has not come yet
    await expect(agent.create(creation("late"), never)).rejects.toMatchObject({ code: "epoch_stale" });
    const next = await node.boot();
    await expect(next.create(creation("later"), never)).rejects.toMatchObject({ code: "epoch_stale" });
    expect(node.machine.areas.size).toBe(0);
    await next.delete(placed("again"), never);
    await expect(next.start(placed("s"), never)).rejects.toMatchObject({ code: "not_found" });
  });

  it("leaves a journal that can be read, however high it is", async () => {
    const agent = await node.boot();
    await agent.delete(placed("d", undefined, Number.MAX_SAFE_INTEGER), never);
    expect(await (await node.boot()).list()).toEqual([]);
  });
});

describe("a status number", () => {
  it("never falls back: not by a restart, not by deleting and creating anew", async () => {
    const seen: number[] = [];
    const note = ({ statusSeq }: PlacementStatus) => seen.push(statusSeq);
    const agent = await node.boot();
    note(await agent.create(creation("c1"), never));
    note(await agent.start(placed("s1"), never));
    const next = await node.boot();
    note(await next.stop({ ...placed("x1"), graceMs: 0 }, never));
    await next.delete(placed("d1"), never);
    note(await next.create({ ...creation("c2"), epoch: 2 }, never)); // as one that comes back from another node
    const last = await node.boot();
    note(await last.start(placed("s2", undefined, 2), never));
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(new Set(seen).size).toBe(seen.length);
  });
});

describe("a restart of the agent", () => {
  it("knows its running VPSs again, and touches none of their processes", async () => {
    const agent = await node.boot();
    await agent.create(creation("c"), never);
    await agent.start(placed("s"), never);
    node.machine.calls.length = 0;
    const next = await node.boot();
    expect(await next.list()).toMatchObject([{ state: "running", startedAtMs: 1000 }]);
    expect(next.running()).toMatchObject([{ pid: 7, plan: { hostname: "web" } }]);
    expect(node.machine.calls).toEqual(["rename v000000000a"]);
  });

  it("looks after a few of its VPSs at once, and after all of them", async () => {
    const agent = await node.boot();
    for (const n of [1, 2, 3, 4, 5, 6]) {
      await agent.create(creation(`c${n}`, `v000000000${n}`, n + 10), never);
      await agent.start(placed(`s${n}`, `v000000000${n}`), never);
    }
    const atOnce: number[] = [];
    let underWay = 0;
    node.machine.engine.network.protect = async () => {
      underWay += 1;
      atOnce.push(underWay);
      await new Promise((resolve) => setTimeout(resolve));
      underWay -= 1;
    };
    await node.boot();
    expect(atOnce).toHaveLength(6);
    expect(Math.max(...atOnce)).toBe(4);
  });

  it("finishes a delete that failed half-way", async () => {
    const agent = await node.boot();
    await agent.create(creation("c"), never);
    node.machine.failing.add("removeArea");
    await expect(agent.delete(placed("d"), never)).rejects.toMatchObject({ code: "engine_failed" });
    node.machine.failing.clear();
    const next = await node.boot();
    expect(await next.list()).toEqual([]);
    expect(node.machine.areas.size).toBe(0);
  });

  it("says what is missing of a VPS whose private area is gone", async () => {
    const agent = await node.boot();
    await agent.create(creation("c"), never);
    node.machine.areas.clear();
    const next = await node.boot();
    expect(await next.list()).toMatchObject([{ state: "broken", reason: "Its private area is missing." }]);
    await expect(next.start(placed("s"), never)).rejects.toMatchObject({ code: "engine_failed" });
  });
});

describe("list", () => {
  it("never tells of a VPS what was true before the last that was told", async () => {
    const agent = await node.boot();
    const stop = new AbortController();
    const told: PlacementStatus[] = [];
    const following = (async () => {
      for await (const status of agent.watch(stop.signal)) told.push(status);
    })();
    const looking = (async () => {
      while (!stop.signal.aborted) {
        await agent.list();
        await new Promise((resolve) => setTimeout(resolve));
      }
    })();
    for (let round = 0; round < 20; round += 1) {
      const epoch = round + 1;
      await agent.create({ ...creation(`c${round}`), epoch }, never);
      await agent.start(placed(`s${round}`, undefined, epoch), never);
      expect((await agent.list())[0]).toMatchObject({ state: "running" });
      await agent.stop({ ...placed(`x${round}`, undefined, epoch), graceMs: 1 }, never);
      expect((await agent.list())[0]).toMatchObject({ state: "stopped" });
      await agent.delete(placed(`d${round}`, undefined, epoch), never);
      expect(await agent.list()).toEqual([]);
    }
    stop.abort();
    await Promise.all([following, looking]);
    const states = told.map(({ state }) => state).filter((state) => state === "running" || state === "stopped");
    expect(states.filter((state) => state === "running")).toHaveLength(20);
    expect(told.map(({ statusSeq }) => statusSeq)).toEqual(
      told.map(({ statusSeq }) => statusSeq).sort((a, b) => a - b),
    );
  });
});

describe("watch", () => {
  it("tells of a guest that ended by itself, and clears it away", async () => {
    const agent = await node.boot();
    await agent.create(creation("c"), never);
    await agent.start(placed("s"), never);
    const stop = new AbortController();
    const changes = agent.watch(stop.signal)[Symbol.asyncIterator]();
    node.machine.containers.set("v000000000a", { state: "half" });
    expect((await changes.next()).value).toMatchObject({ vpsId: "v000000000a", state: "stopped" });
    expect(node.machine.containers.size).toBe(0);
    stop.abort();
    expect(await changes.next()).toMatchObject({ done: true });
  });
});
