/** Create, start, stop, delete: what each leaves, and that each may be asked twice. */
import assert from "node:assert/strict";
import { macOf } from "@muster/model/address";
import { placementStatusSchema } from "@muster/model/vps";
import {
  callsOf,
  createInput,
  eventually,
  freshVpsId,
  mustFail,
  type Question,
  statusOf,
  withRunningVps,
  withVps,
} from "./examinee.ts";

export const LIFECYCLE: readonly Question[] = [
  {
    name: "a created VPS is stopped, is listed, and has applied its generation",
    ask: (examinee) =>
      withVps(examinee, async ({ vpsId }, made) => {
        placementStatusSchema.parse(made);
        assert.deepEqual([made.state, made.reason, made.startedAtMs], ["stopped", null, null]);
        assert.deepEqual([made.vpsId, made.epoch, made.appliedGeneration], [vpsId, 1, 1]);
        assert.equal((await statusOf(examinee.agent(), vpsId))?.state, "stopped");
      }),
  },
  {
    name: "creating what is there already is no error and makes nothing second",
    ask: (examinee) =>
      withVps(examinee, async ({ input }) => {
        const again = { ...input, key: `${input.key}-again` };
        await callsOf(again).create(examinee.agent());
        const listed = (await examinee.agent().listVps()).filter((status) => status.vpsId === input.vpsId);
        assert.equal(listed.length, 1);
      }),
  },
  {
    name: "an unknown template is refused and leaves nothing",
    ask: async (examinee) => {
      const input = createInput(examinee);
      const calls = callsOf({ ...input, spec: { ...input.spec, template: "no-such-template" } });
      await mustFail(calls.create(examinee.agent()), "template_missing");
      assert.equal(await statusOf(examinee.agent(), input.vpsId), undefined);
    },
  },
  {
    name: "an address that another VPS has is refused",
    ask: (examinee) =>
      withVps(examinee, async ({ input }) => {
        const second = callsOf({ ...input, key: `${input.key}-second`, vpsId: freshVpsId() });
        await mustFail(second.create(examinee.agent()), "address_taken");
        assert.equal(await statusOf(examinee.agent(), second.vpsId), undefined);
      }),
  },
  {
    name: "an address outside the network is refused",
    ask: async (examinee) => {
      const input = createInput(examinee);
      const address = examinee.outsideAddress;
      const calls = callsOf({ ...input, spec: { ...input.spec, address }, mac: macOf(address) });
      await mustFail(calls.create(examinee.agent()), "address_outside_network");
    },
  },
  {
    name: "a started VPS runs; starting it again changes nothing",
    ask: (examinee) =>
      withRunningVps(examinee, async (calls, running) => {
        assert.equal(running.state, "running");
        assert.ok(running.startedAtMs !== null);
        const again = await calls.start(examinee.agent());
        assert.deepEqual([again.state, again.startedAtMs], ["running", running.startedAtMs]);
      }),
  },
  {
    name: "five starts at once are one run",
    ask: (examinee) =>
      withVps(examinee, async (calls) => {
        const all = await Promise.all(Array.from({ length: 5 }, () => calls.start(examinee.agent())));
        assert.equal(new Set(all.map((status) => status.startedAtMs)).size, 1);
      }),
  },
  {
    name: "a stopped VPS is stopped; stopping it again is no error",
    ask: (examinee) =>
      withRunningVps(examinee, async (calls) => {
        for (let round = 0; round < 2; round += 1) {
          const stopped = await calls.stop(examinee.agent());
          assert.deepEqual([stopped.state, stopped.startedAtMs], ["stopped", null]);
        }
      }),
  },
  {
    name: "without grace a VPS is stopped all the same, and starts again as another run",
    ask: (examinee) =>
      withRunningVps(examinee, async (calls, running) => {
        assert.equal((await calls.stop(examinee.agent(), 0)).state, "stopped");
        const again = await calls.start(examinee.agent());
        assert.equal(again.state, "running");
        assert.ok((again.startedAtMs ?? 0) > (running.startedAtMs ?? 0));
      }),
  },
  {
    name: "a running VPS can be deleted; deleting what is not there is no error",
    ask: (examinee) =>
      withRunningVps(examinee, async (calls) => {
        await calls.delete(examinee.agent());
        assert.equal(await statusOf(examinee.agent(), calls.vpsId), undefined);
        await calls.delete(examinee.agent());
      }),
  },
  {
    name: "the address of a deleted VPS is free again",
    ask: async (examinee) => {
      for (let round = 0; round < 2; round += 1) await withVps(examinee, async () => undefined);
    },
  },
  {
    name: "what is not on the node is not found",
    ask: async (examinee) => {
      const calls = callsOf(createInput(examinee));
      await mustFail(calls.start(examinee.agent()), "not_found");
      await mustFail(calls.stop(examinee.agent()), "not_found");
    },
  },
  {
    name: "three VPSs are made and started at once",
    ask: async (examinee) => {
      const all = [1, 2, 3].map((n) => callsOf(createInput(examinee, n)));
      try {
        await Promise.all(all.map((calls) => calls.create(examinee.agent())));
        const started = await Promise.all(all.map((calls) => calls.start(examinee.agent())));
        assert.deepEqual(new Set(started.map((status) => status.state)), new Set(["running"]));
      } finally {
        await Promise.all(all.map((calls) => calls.delete(examinee.agent())));
      }
    },
  },
  {
    name: "a watcher hears of a change",
    ask: (examinee) =>
      withVps(examinee, async (calls) => {
        const stop = new AbortController();
        const heard: string[] = [];
        const watching = (async () => {
          for await (const status of examinee.agent().watchVps(stop.signal)) {
            if (status.vpsId === calls.vpsId) heard.push(status.state);
          }
        })();
        // A watcher over a network hears of nothing before its subscription has arrived: another change is sent then.
        await eventually("the watcher hears that it runs", async () => {
          await calls.start(examinee.agent());
          if (!heard.includes("running")) await calls.stop(examinee.agent(), 0);
          return heard.includes("running");
        });
        stop.abort();
        await watching;
      }),
  },
];
