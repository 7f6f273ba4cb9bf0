import { MusterError } from "@muster/model/errors";
import { limitsWith } from "@muster/model/limits/registry";
import { MIB } from "@muster/model/units";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createMemoryNode, creation, type MemoryNode, placed } from "../trial/memory-node.ts";
import type { Placements } from "./placements.ts";

const never = new AbortController().signal;
const VPS = "v000000000a";
let node: MemoryNode;
let agent: Placements;

beforeEach(async () => {
  node = await createMemoryNode();
  agent = await node.boot();
  await agent.create(creation("c"), never);
  await agent.start(placed("s"), never);
});
afterEach(() => node.clean());

function configuration(key: string, generation: number, change: { name?: string; pids?: number }) {
  const { spec } = creation("c");
  const limits = limitsWith({ ...spec.limits, "pids.max": change.pids ?? spec.limits["pids.max"] });
  return { ...placed(key), generation, spec: { ...spec, name: change.name ?? spec.name, limits } };
}

const pids = async () => (await agent.readLimits(VPS))["pids.max"];

/** The kernel takes no such value for this file any more, until it is told to. */
function refuse(name: string, refused: string): { end: () => void } {
  const { cgroups } = node.machine.engine;
  node.machine.engine.cgroups = {
    ...cgroups,
    write: async (vpsId, file, value) => {
      if (file.name === name && value === refused) throw new MusterError("engine_failed", `Not ${value}.`);
      await cgroups.write(vpsId, file, value);
    },
  };
  return {
    end: () => {
      node.machine.engine.cgroups = cgroups;
    },
  };
}

describe("configure", () => {
  it("leaves the limits as they were when the new name cannot be had", async () => {
    node.machine.failing.add("rename");
    const call = agent.configure(configuration("k", 2, { name: "other", pids: 99 }), never);
    await expect(call).rejects.toMatchObject({ message: "rename was told to fail." });
    expect(await pids()).toBe(64);
    expect((await agent.list())[0]?.appliedGeneration).toBe(1);
  });

  it("tells both causes when neither the new name nor the old limits can be had", async () => {
    refuse("pids.max", "64");
    node.machine.failing.add("rename");
    const call = agent.configure(configuration("k", 2, { name: "other", pids: 99 }), never);
    const causes = [{ message: "rename was told to fail." }, { cause: { errors: [{ message: "Not 64." }] } }];
    await expect(call).rejects.toMatchObject({ code: "engine_failed", cause: { errors: causes } });
  });

  it("leaves the name alone when it has not changed", async () => {
    await agent.configure(configuration("k", 2, { pids: 99 }), never);
    expect(node.machine.calls).not.toContain(`rename ${VPS}`);
  });

  it("tells of the new generation with a higher number than before, and so does every look after it", async () => {
    const [before] = await agent.list();
    const answer = await agent.configure(configuration("k", 2, { pids: 99 }), never);
    const [after] = await agent.list();
    expect(answer.statusSeq).toBeGreaterThan(before?.statusSeq ?? Number.NaN);
    expect(after?.statusSeq).toBeGreaterThanOrEqual(answer.statusSeq);
    expect(after?.appliedGeneration).toBe(2);
  });

  it("takes one change after the other, each from where the one before ended", async () => {
    const inputs = [2, 3, 4].map((generation) =>
      configuration(`k${generation}`, generation, { pids: 64 + generation }),
    );
    await Promise.all(inputs.map((input) => agent.configure(input, never)));
    expect(await pids()).toBe(68);
  });

  it("goes to the same generation again with the same key after it had failed", async () => {
    node.machine.failing.add("rename");
    const input = configuration("k", 2, { name: "other", pids: 99 });
    await expect(agent.configure(input, never)).rejects.toThrow();
    node.machine.failing.clear();
    expect(await agent.configure(input, never)).toMatchObject({ appliedGeneration: 2 });
    expect(await pids()).toBe(99);
  });
});

/** What was to put the kernel back failed: it has other limits than the journal says. */
describe("a VPS that could not be put back", () => {
  it("is brought to the old spec again by whoever takes the change back", async () => {
    const refusal = refuse("cpu.weight", "100");
    const wanted = configuration("k", 2, { pids: 99 });
    wanted.spec.limits = { ...wanted.spec.limits, "memory.max": 96 * MIB, "cpu.cores": 2 };
    refuse("memory.max", String(96 * MIB));
    await expect(agent.configure(wanted, never)).rejects.toMatchObject({ code: "engine_failed" });
    expect((await agent.readLimits(VPS))["cpu.weight"]).toBe(200);
    refusal.end();
    await agent.configure(configuration("undo", 3, {}), never);
    expect(await agent.readLimits(VPS)).toEqual(configuration("k", 3, {}).spec.limits);
    node.machine.calls.length = 0;
    await agent.configure(configuration("again", 4, { pids: 99 }), never);
    expect(node.machine.calls).not.toContain(`rename ${VPS}`);
  });

  it("is brought to its spec by the same generation, when the start of the agent could not", async () => {
    const { engine } = node.machine;
    await engine.cgroups.write(VPS, { controller: "pids", name: "pids.max" }, "99");
    const refusal = refuse("pids.max", "64");
    agent = await node.boot();
    expect(await pids()).toBe(99);
    refusal.end();
    await agent.configure(configuration("k", 1, {}), never);
    expect(await pids()).toBe(64);
  });
});

describe("an agent that starts anew", () => {
  it("puts back the host name that its journal knows, whatever a crash in the middle of a change left", async () => {
    node.machine.hostnames.set(VPS, "other");
    agent = await node.boot();
    expect(node.machine.hostnames.get(VPS)).toBe("web");
  });

  it("puts back the limits that its journal knows, whatever a crash in the middle of a change left", async () => {
    const file = { controller: "pids", name: "pids.max" } as const;
    await node.machine.engine.cgroups.write(VPS, file, "99");
    agent = await node.boot();
    expect(await pids()).toBe(64);
  });

  it("knows the spec of every VPS, for a server that does not", async () => {
    const input = configuration("k", 5, { name: "other", pids: 99 });
    await agent.configure(input, never);
    agent = await node.boot();
    expect(await agent.reports()).toMatchObject([
      { spec: input.spec, generation: 5, status: { appliedGeneration: 5 } },
    ]);
  });
});
