/**
 * Random lives of a node, told to the agent and to a model of three lines: whatever is asked, in whatever order, and
 * however often the agent is killed in the middle of it, a retried call ends well and the node agrees with the model.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { macOf } from "@muster/model/address";
import { limitsWith } from "@muster/model/limits/registry";
import { GIB, MIB } from "@muster/model/units";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createSimulatedNode, type SimulatedNode } from "./simulated-node.ts";

const FOREVER = new AbortController().signal;
const VERBS = ["create", "start", "stop", "delete"] as const;
type Verb = (typeof VERBS)[number];

interface Act {
  verb: Verb;
  /** Which of three VPSs. */
  vps: number;
  /** Turns of the event loop after which the agent is killed; null lets it finish. */
  killedAfter: number | null;
}

const act: fc.Arbitrary<Act> = fc.record({
  verb: fc.constantFrom(...VERBS),
  vps: fc.integer({ min: 0, max: 2 }),
  killedAfter: fc.option(fc.integer({ min: 0, max: 12 }), { nil: null, freq: 2 }),
});

const idOf = (vps: number) => `v000000000${vps}`;

function callOf(node: SimulatedNode, { verb, vps }: Act, keyed: { key: string; epoch: number }): Promise<unknown> {
  const placed = { ...keyed, vpsId: idOf(vps) };
  const address = `10.80.0.${10 + vps}`;
  const limits = limitsWith({ "cpu.cores": 1, "memory.max": 64 * MIB, "disk.max": GIB, "pids.max": 64 });
  const spec = { name: `web-${vps}`, template: "busybox", address, limits };
  const calls = {
    create: () => node.createVps({ ...placed, generation: 1, spec, mac: macOf(address) }, FOREVER),
    start: () => node.startVps(placed, FOREVER),
    stop: () => node.stopVps({ ...placed, graceMs: 0 }, FOREVER),
    delete: () => node.deleteVps(placed, FOREVER),
  };
  return calls[verb]();
}

/** What the verb makes of a VPS; null where it must be refused with not_found. */
function expected(verb: Verb, state: "absent" | "stopped" | "running") {
  if (verb === "delete") return "absent";
  if (verb === "create") return state === "absent" ? "stopped" : state;
  if (state === "absent") return null;
  return verb === "start" ? "running" : "stopped";
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** A write that was under way at the kill reaches the file all the same, as the kernel has it; a successor never overtakes it. */
async function settled(path: string): Promise<void> {
  const sizes = () => readdirSync(path).map((name) => statSync(join(path, name)).size);
  for (let before = ""; before !== sizes().join(); ) {
    before = sizes().join();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function live(acts: readonly Act[], dataDir: string): Promise<void> {
  const open = () =>
    createSimulatedNode({ nodeId: "n0000000sim", name: "sim-01", seed: "sim-01", dataDir, latencyScale: 0 });
  const model = new Map<number, "absent" | "stopped" | "running">();
  const seqs = new Map<string, number>();
  /** A placement is over with its delete: what is made anew is another one. */
  const epochs = new Map<number, number>();
  let node = await open();
  for (const [index, one] of acts.entries()) {
    const epoch = epochs.get(one.vps) ?? 1;
    const call = { key: `job-${index}:${one.verb}`, epoch };
    if (one.killedAfter !== null) {
      void callOf(node, one, call).catch(() => undefined);
      await turns(one.killedAfter);
      node.crash();
      await settled(join(dataDir, "journal"));
      node = await open();
    }
    const outcome = expected(one.verb, model.get(one.vps) ?? "absent");
    const answer = callOf(node, one, call);
    if (outcome === null) await expect(answer).rejects.toMatchObject({ code: "not_found" });
    else {
      await answer;
      model.set(one.vps, outcome);
      if (one.verb === "delete") epochs.set(one.vps, epoch + 1);
    }
    const listed = await node.listVps();
    const seen = [0, 1, 2].map((vps) => listed.find(({ vpsId }) => vpsId === idOf(vps))?.state ?? "absent");
    expect(seen).toEqual([0, 1, 2].map((vps) => model.get(vps) ?? "absent"));
    for (const { vpsId, statusSeq } of listed) {
      expect(statusSeq).toBeGreaterThanOrEqual(seqs.get(vpsId) ?? 0);
      seqs.set(vpsId, statusSeq);
    }
  }
  await node.close();
}

test("a node agrees with its model whatever is asked and whenever its agent is killed", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 12 }), async (acts) => {
      const dataDir = mkdtempSync(join(tmpdir(), "muster-sim-crash-"));
      try {
        await live(acts, dataDir);
      } finally {
        rmSync(dataDir, { recursive: true, force: true });
      }
    }),
    { numRuns: 60 },
  );
}, 60_000);
