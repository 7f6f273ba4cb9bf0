/** configureVps and readLimits: what a running or a stopped VPS is given, and what the node itself then holds. */
import assert from "node:assert/strict";
import { changedLimits, LIMITS, type LimitName, type Limits, type LimitsChange } from "@muster/model/limits/registry";
import { limitFinding } from "@muster/model/node";
import { MIB } from "@muster/model/units";
import type { ConfigureVps } from "../agent.ts";
import {
  type Calls,
  callsOf,
  createInput,
  type Examinee,
  freshKey,
  freshVpsId,
  mustFail,
  patience,
  type Question,
  statusOf,
  withRunningVps,
  withVps,
} from "./examinee.ts";

const CHANGE: LimitsChange = {
  "cpu.cores": 1.5,
  "cpu.weight": 300,
  "cpu.pinning": [0],
  "memory.max": 96 * MIB,
  // A simulated private area holds up to 31 % of the greatest that an examiner asks for, 1 GiB.
  "disk.max": 512 * MIB,
  "nic.egress": 8_000_000,
  "nic.ingress": 16_000_000,
  "io.read.bytes": 4 * MIB,
  "io.read.operations": 500,
  "io.write.bytes": 2 * MIB,
  "io.write.operations": 250,
  "pids.max": 200,
};

/** Of the change, what this node says it can hold. */
async function possible(examinee: Examinee): Promise<LimitsChange> {
  const inventory = await examinee.agent().inventory();
  const entries = Object.entries(CHANGE).filter(([name]) => limitFinding(inventory, nameOf(name)).available);
  assert.ok(entries.length > 0, "the node can hold no limit at all");
  return Object.fromEntries(entries);
}

function nameOf(text: string): LimitName {
  const name = Object.keys(LIMITS).find((one): one is LimitName => one === text);
  assert.ok(name !== undefined, `${text} is no limit`);
  return name;
}

/** The call that brings a VPS to a generation; what is not named in the change is as it was created. */
function configure({ vpsId, input }: Calls, generation: number, change: LimitsChange): ConfigureVps {
  const spec = { ...input.spec, limits: changedLimits(input.spec.limits, change) };
  return { key: freshKey(), vpsId, epoch: 1, generation, spec };
}

async function put(examinee: Examinee, call: ConfigureVps) {
  return examinee.agent().configureVps(call, patience());
}

async function holds(examinee: Examinee, vpsId: string, limits: Limits): Promise<void> {
  assert.deepEqual(await examinee.agent().readLimits({ vpsId }), limits);
}

const RUNNING: readonly Question[] = [
  {
    name: "every limit that the node can hold changes while the VPS runs, and is read back from it",
    ask: (examinee) =>
      withRunningVps(examinee, async (calls, running) => {
        const call = configure(calls, 2, await possible(examinee));
        const status = await put(examinee, call);
        assert.deepEqual(
          [status.state, status.startedAtMs, status.appliedGeneration],
          ["running", running.startedAtMs, 2],
        );
        assert.ok(status.statusSeq > running.statusSeq);
        await holds(examinee, calls.vpsId, call.spec.limits);
        await put(examinee, configure(calls, 3, {}));
        await holds(examinee, calls.vpsId, calls.input.spec.limits);
      }),
  },
  {
    name: "limits that were changed are still there, and known, after the agent has started anew",
    ask: (examinee) =>
      withRunningVps(examinee, async (calls) => {
        const call = configure(calls, 2, await possible(examinee));
        const status = await put(examinee, call);
        await examinee.restart();
        await holds(examinee, calls.vpsId, call.spec.limits);
        assert.deepEqual(await put(examinee, call), status);
        assert.equal((await statusOf(examinee.agent(), calls.vpsId))?.appliedGeneration, 2);
      }),
  },
  {
    name: "limits that cannot all be had change nothing, and the VPS runs on",
    ask: (examinee) =>
      withRunningVps(examinee, async (calls) => {
        const call = configure(calls, 2, { "cpu.cores": 0.5, "cpu.pinning": [4095], "pids.max": 99 });
        await mustFail(put(examinee, call), "unsupported");
        await holds(examinee, calls.vpsId, calls.input.spec.limits);
        const status = await statusOf(examinee.agent(), calls.vpsId);
        assert.deepEqual([status?.state, status?.appliedGeneration], ["running", 1]);
      }),
  },
  {
    name: "a disk is not made smaller than what it holds, and what it holds stays",
    ask: (examinee) =>
      withRunningVps(examinee, async (calls) => {
        const { vpsId } = calls;
        const argv = ["dd", "if=/dev/zero", "of=/held", "bs=1M", "count=80"];
        const written = await examinee.agent().exec({ vpsId, argv, timeoutMs: 30_000 }, patience());
        assert.equal(written.exitCode, 0, written.stderr);
        await mustFail(put(examinee, configure(calls, 2, { "cpu.cores": 0.5, "disk.max": 64 * MIB })), "below_use");
        await holds(examinee, vpsId, calls.input.spec.limits);
      }),
  },
  {
    name: "a limit that the node cannot hold is refused with the reason that the inventory gives",
    ask: async (examinee) => {
      const { limits } = await examinee.agent().inventory();
      assert.equal(new Set(limits.map(({ name }) => name)).size, Object.keys(LIMITS).length);
      assert.ok(limits.every(({ detail }) => detail !== ""));
      if (limits.find(({ name }) => name === "memory.swap")?.available === true) return;
      await withRunningVps(examinee, async (calls) => {
        await mustFail(put(examinee, configure(calls, 2, { "memory.swap": 64 * MIB })), "unsupported");
        await holds(examinee, calls.vpsId, calls.input.spec.limits);
      });
    },
  },
];

const ORDER: readonly Question[] = [
  {
    name: "a configuration is done once per key, and an older generation never undoes a newer one",
    ask: (examinee) =>
      withRunningVps(examinee, async (calls) => {
        const late = configure(calls, 2, { "pids.max": 80 });
        const newer = configure(calls, 3, { "pids.max": 90 });
        const status = await put(examinee, newer);
        assert.deepEqual(await put(examinee, newer), status);
        await mustFail(put(examinee, late), "state_conflict");
        const { vpsId } = calls;
        assert.deepEqual(await examinee.agent().readLimits({ vpsId, names: ["pids.max"] }), { "pids.max": 90 });
      }),
  },
  {
    name: "the generation that is applied may be asked for again, but not with other values",
    ask: (examinee) =>
      withRunningVps(examinee, async (calls) => {
        const call = configure(calls, 2, { "pids.max": 80 });
        await put(examinee, call);
        assert.equal((await put(examinee, { ...call, key: freshKey() })).appliedGeneration, 2);
        await mustFail(put(examinee, configure(calls, 2, { "pids.max": 81 })), "state_conflict");
      }),
  },
  {
    name: "a configuration of an older placement, of no VPS, or of another address is refused",
    ask: (examinee) =>
      withVps(examinee, async (calls) => {
        await mustFail(put(examinee, { ...configure(calls, 2, {}), vpsId: freshVpsId() }), "not_found");
        const moved = configure(calls, 2, {});
        moved.spec.address = examinee.spec(2).address;
        await mustFail(put(examinee, moved), "invalid_input");
        await put(examinee, { ...configure(calls, 2, {}), epoch: 3 });
        await mustFail(put(examinee, { ...configure(calls, 3, {}), epoch: 2 }), "epoch_stale");
      }),
  },
];

const WHOLE: readonly Question[] = [
  {
    name: "a VPS that is pinned to a CPU that the node does not have is not made",
    ask: async (examinee) => {
      const input = createInput(examinee);
      const limits = changedLimits(input.spec.limits, { "cpu.pinning": [4095] });
      const calls = callsOf({ ...input, spec: { ...input.spec, limits } });
      await mustFail(calls.create(examinee.agent()), "unsupported");
      assert.equal(await statusOf(examinee.agent(), calls.vpsId), undefined);
    },
  },
  {
    name: "a stopped VPS takes no CPU that the node does not have, and starts",
    ask: (examinee) =>
      withVps(examinee, async (calls) => {
        await mustFail(put(examinee, configure(calls, 2, { "cpu.pinning": [4095] })), "unsupported");
        assert.equal((await calls.start(examinee.agent())).appliedGeneration, 1);
      }),
  },
  {
    name: "a stopped VPS takes limits: its disk at once, the others when it starts",
    ask: (examinee) =>
      withVps(examinee, async (calls) => {
        const call = configure(calls, 2, await possible(examinee));
        assert.deepEqual((await put(examinee, call)).state, "stopped");
        const stopped = { "disk.max": call.spec.limits["disk.max"] };
        assert.deepEqual(await examinee.agent().readLimits(calls), stopped);
        assert.equal((await calls.start(examinee.agent())).appliedGeneration, 2);
        await holds(examinee, calls.vpsId, call.spec.limits);
      }),
  },
  {
    name: "a new name is the running guest's host name",
    ask: (examinee) =>
      withRunningVps(examinee, async (calls, running) => {
        const call = configure(calls, 2, {});
        const status = await put(examinee, { ...call, spec: { ...call.spec, name: "another-name" } });
        assert.equal(status.startedAtMs, running.startedAtMs);
        const asked = { vpsId: calls.vpsId, argv: ["hostname"], timeoutMs: 10_000 };
        assert.equal((await examinee.agent().exec(asked, patience())).stdout, "another-name\n");
      }),
  },
  {
    name: "the list of placements has all that an inventory needs",
    ask: (examinee) =>
      withVps(examinee, async (calls) => {
        const call = configure(calls, 2, { "cpu.cores": 0.5 });
        await put(examinee, call);
        const report = (await examinee.agent().listPlacements()).find(({ status }) => status.vpsId === calls.vpsId);
        assert.deepEqual(
          [report?.spec, report?.mac, report?.generation, report?.status.state],
          [call.spec, calls.input.mac, 2, "stopped"],
        );
      }),
  },
];

export const LIMITS_QUESTIONS: readonly Question[] = [...RUNNING, ...ORDER, ...WHOLE];
