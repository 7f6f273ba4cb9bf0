/** Every limit of a running VPS, changed at once and read back from the kernel. What each of them does is told by its effect test. */

import type { LimitsChange } from "@muster/model/limits/registry";
import { MIB } from "@muster/model/units";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTrialNode, inside, type TrialNode } from "../trial/trial-node.ts";
import type { Placements } from "../vps/placements.ts";

const never = new AbortController().signal;
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

const CHANGED: LimitsChange = {
  "cpu.cores": 1.5,
  "cpu.weight": 200,
  "cpu.pinning": [1],
  "memory.max": 96 * MIB,
  "memory.swap": 0,
  "disk.max": 200 * MIB,
  "nic.egress": 20_000_000,
  "nic.ingress": 40_000_000,
  "io.read.bytes": MIB,
  "io.read.operations": 100,
  "io.write.bytes": 2 * MIB,
  "io.write.operations": 200,
  "pids.max": 99,
};

describe("a running VPS", () => {
  it("takes every limit that this node can hold, keeps them through a restart of the agent, and gives them back", async () => {
    const input = node.creation(1, { "cpu.cores": 0.5 });
    const { vpsId, spec } = input;
    const available = new Set<string>(
      (await agent.findLimits()).filter((one) => one.available).map(({ name }) => name),
    );
    expect([...available]).toEqual(
      expect.arrayContaining(["cpu.cores", "cpu.pinning", "memory.max", "disk.max", "pids.max"]),
    );
    const change = Object.fromEntries(Object.entries(CHANGED).filter(([name]) => available.has(name)));
    await agent.create(input, never);
    await agent.start({ key: "s", vpsId, epoch: 1 }, never);
    expect(await agent.readLimits(vpsId)).toEqual(spec.limits);

    const limits = { ...spec.limits, ...change };
    const configured = { ...spec, name: "another", limits };
    await agent.configure({ key: "c2", vpsId, epoch: 1, generation: 2, spec: configured }, never);
    expect(await agent.readLimits(vpsId)).toEqual(limits);
    expect((await inside(node, vpsId, "hostname")).stdout.trim()).toBe("another");

    await agent.close();
    agent = await node.boot();
    expect(await agent.readLimits(vpsId)).toEqual(limits);
    await agent.configure({ key: "c3", vpsId, epoch: 1, generation: 3, spec }, never);
    expect(await agent.readLimits(vpsId)).toEqual(spec.limits);
    expect(node.messages.filter((message) => message.startsWith("error"))).toEqual([]);
  });
});
