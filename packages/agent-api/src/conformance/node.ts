/** What the node says of itself: description, inventory, templates, samples. */
import assert from "node:assert/strict";
import { isAssignable } from "@muster/model/address";
import type { Progress } from "@muster/model/job";
import { type NodeSample, nodeSampleSchema } from "@muster/model/metrics/sample";
import { capabilityNameSchema, nodeInventorySchema, templateSchema } from "@muster/model/node";
import { type Agent, descriptionSchema, PROTOCOL_VERSION } from "../agent.ts";
import {
  type Examinee,
  eventually,
  freshKey,
  type ImportSource,
  mustFail,
  patience,
  type Question,
  withRunningVps,
} from "./examinee.ts";

const BEGINNING = { afterMonotonicMs: -1 };

function assertRising(samples: readonly NodeSample[]): void {
  for (const [index, sample] of samples.entries()) {
    nodeSampleSchema.parse(sample);
    const before = samples[index - 1];
    if (before === undefined) continue;
    assert.equal(sample.bootId, before.bootId);
    assert.ok(sample.monotonicMs > before.monotonicMs, "later samples come later");
    assert.ok(
      sample.cpu.userUs >= before.cpu.userUs && sample.cpu.systemUs >= before.cpu.systemUs,
      "CPU time only grows",
    );
    for (const nic of sample.nics) {
      const old = before.nics.find((one) => one.name === nic.name);
      assert.ok(
        old === undefined || (nic.rxBytes >= old.rxBytes && nic.txBytes >= old.txBytes),
        `${nic.name} counts up`,
      );
    }
  }
}

function atLeast(agent: Agent, count: number): Promise<NodeSample[]> {
  return eventually(`${count} samples`, async () => {
    const samples = await agent.samples(BEGINNING);
    return samples.length >= count && samples;
  });
}

async function importFails(examinee: Examinee, source: ImportSource | undefined, code: Parameters<typeof mustFail>[1]) {
  if (source === undefined) return;
  const input = { key: freshKey(), name: "exam-refused", description: "", ...source };
  await mustFail(examinee.agent().importTemplate(input, patience()), code);
  const names = (await examinee.agent().listTemplates()).map((template) => template.name);
  assert.ok(!names.includes("exam-refused"), "a refused template leaves nothing");
}

/** Asks how far it is for as long as it lasts: a phase never goes back, and when it is over there is nothing to say. */
async function watched<Result>(examinee: Examinee, key: string, work: Promise<Result>): Promise<Result> {
  let ended = false;
  const end = () => {
    ended = true;
  };
  work.then(end, end);
  let before: Progress | null = null;
  while (!ended) {
    const now: Progress | null = await examinee.agent().progress({ key });
    if (now !== null && now.phase === before?.phase) assert.ok(now.done >= before.done, "progress went back");
    if (now !== null && now.total !== null) assert.ok(now.done <= now.total, "more was done than there is");
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.equal(await examinee.agent().progress({ key }), null);
  return work;
}

export const NODE: readonly Question[] = [
  {
    name: "it says what it is, and of which protocol version",
    ask: async (examinee) => {
      const description = descriptionSchema.parse(await examinee.agent().describe());
      assert.equal(description.protocolVersion, PROTOCOL_VERSION);
      assert.deepEqual(await examinee.agent().describe(), description);
    },
  },
  {
    name: "its inventory is whole: every capability with a reason, and a network that has room for the exam",
    ask: async (examinee) => {
      const inventory = nodeInventorySchema.parse(await examinee.agent().inventory());
      const names = inventory.capabilities.map((capability) => capability.name);
      assert.deepEqual(names.toSorted(), [...capabilityNameSchema.options].toSorted());
      assert.ok(inventory.capabilities.every((capability) => capability.detail !== ""));
      const { network, gateway } = inventory.network;
      for (const n of [1, 2, 3]) assert.ok(isAssignable(examinee.spec(n).address, network, gateway));
      assert.equal(inventory.bootId, (await examinee.agent().describe()).bootId);
    },
  },
  {
    name: "the NICs are the node's own: no interface of a VPS is among them",
    ask: (examinee) =>
      withRunningVps(examinee, async ({ vpsId }) => {
        const { nics } = await examinee.agent().inventory();
        assert.ok(nics.length > 0);
        assert.ok(nics.every((nic) => !nic.name.includes(vpsId)));
      }),
  },
  {
    name: "its templates are listed",
    ask: async (examinee) => {
      const templates = templateSchema.array().parse(await examinee.agent().listTemplates());
      assert.ok(templates.some((template) => template.name === examinee.spec(1).template));
    },
  },
  {
    name: "a template is imported once per key, tells how far it is meanwhile, and is then listed",
    ask: async (examinee) => {
      if (examinee.imports === null) return;
      const input = { key: freshKey(), name: "exam", description: "For the exam", ...examinee.imports.good };
      const imported = await watched(examinee, input.key, examinee.agent().importTemplate(input, patience()));
      assert.deepEqual(await examinee.agent().importTemplate(input, patience()), imported);
      assert.deepEqual([imported.name, imported.sha256], ["exam", input.sha256]);
      const listed = (await examinee.agent().listTemplates()).filter((template) => template.name === "exam");
      assert.deepEqual(listed, [imported]);
    },
  },
  {
    name: "an archive with another checksum, no archive and no file at all are refused and leave nothing",
    ask: async (examinee) => {
      await importFails(examinee, examinee.imports?.wrongChecksum, "checksum_mismatch");
      await importFails(examinee, examinee.imports?.invalid, "archive_invalid");
      await importFails(examinee, examinee.imports?.missing, "not_found");
    },
  },
  {
    name: "samples are oldest first, their counters only rise, and a running VPS is among them",
    ask: (examinee) =>
      withRunningVps(examinee, async ({ vpsId }) => {
        const last = await eventually("a sample of the VPS", async () => {
          const samples = await examinee.agent().samples(BEGINNING);
          return samples.filter((sample) => sample.vps.some((vps) => vps.vpsId === vpsId)).at(1);
        });
        assert.ok(last.vps.every((vps) => vps.runId !== ""));
        assertRising(await atLeast(examinee.agent(), 3));
      }),
  },
  {
    name: "only samples later than the given time come",
    ask: async (examinee) => {
      const [first, second] = await atLeast(examinee.agent(), 3);
      assert.ok(first !== undefined && second !== undefined);
      const later = await examinee.agent().samples({ afterMonotonicMs: first.monotonicMs });
      assert.deepEqual(later[0], second);
      assert.deepEqual(await examinee.agent().samples({ afterMonotonicMs: Number.MAX_SAFE_INTEGER }), []);
    },
  },
  {
    name: "who watches gets a sample a second, and the stream ends when he leaves",
    ask: async (examinee) => {
      const stop = new AbortController();
      const seen: NodeSample[] = [];
      for await (const sample of examinee.agent().watchSamples(stop.signal)) {
        seen.push(sample);
        if (seen.length === 3) stop.abort();
      }
      assert.equal(seen.length, 3);
      assertRising(seen);
      const [first, , third] = seen;
      assert.ok(first !== undefined && third !== undefined);
      const elapsedMs = third.monotonicMs - first.monotonicMs;
      assert.ok(elapsedMs > 1_500 && elapsedMs < 3_500, `two intervals took ${elapsedMs} ms`);
    },
  },
];
