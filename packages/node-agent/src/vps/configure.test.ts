import { MusterError } from "@muster/model/errors";
import { limitsWith } from "@muster/model/limits/registry";
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

describe("configure", () => {
  it("leaves the limits as they were when the new name cannot be had", async () => {
    node.machine.failing.add("rename");
    const call = agent.configure(configuration("k", 2, { name: "other", pids: 99 }), never);
    await expect(call).rejects.toMatchObject({ message: "rename was told to fail." });
    expect(await pids()).toBe(64);
    expect((await agent.list())[0]?.appliedGeneration).toBe(1);
  });

  it("tells both causes when neither the new name nor the old limits can be had", async () => {
    const { cgroups } = node.machine.engine;
    node.machine.engine.cgroups = {
      ...cgroups,
      write: async (vpsId, file, value) => {
        if (file.name === "pids.max" && value === "64") throw new MusterError("engine_failed", "Not the old one.");
        await cgroups.write(vpsId, file, value);
      },
    };
    node.machine.failing.add("rename");
    const call = agent.configure(configuration("k", 2, { name: "other", pids: 99 }), never);
    const causes = [{ message: "rename was told to fail." }, { cause: { errors: [{ message: "Not the old one." }] } }];
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

describe("an agent that starts anew", () => {
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
