/** What an agent must remember: answered keys, the highest epoch, and that a status number never falls back. */
import assert from "node:assert/strict";
import {
  callsOf,
  createInput,
  freshKey,
  mustFail,
  patience,
  type Question,
  statusOf,
  withRunningVps,
  withVps,
} from "./examinee.ts";

export const MEMORY: readonly Question[] = [
  {
    name: "a key that was answered is answered again, word for word, and the work is not done again",
    ask: (examinee) =>
      withVps(examinee, async (calls, made) => {
        const start = { key: freshKey(), vpsId: calls.vpsId, epoch: 1 };
        const started = await examinee.agent().startVps(start, patience());
        await calls.stop(examinee.agent(), 0);
        assert.deepEqual(await examinee.agent().startVps(start, patience()), started);
        assert.deepEqual(await calls.create(examinee.agent()), made);
        assert.equal((await statusOf(examinee.agent(), calls.vpsId))?.state, "stopped");
      }),
  },
  {
    name: "one key asked three times at once does its work once",
    ask: async (examinee) => {
      const calls = callsOf(createInput(examinee));
      const answers = await Promise.all([1, 2, 3].map(() => calls.create(examinee.agent())));
      try {
        assert.equal(new Set(answers.map((answer) => JSON.stringify(answer))).size, 1);
      } finally {
        await calls.delete(examinee.agent());
      }
    },
  },
  {
    name: "an answered key outlives the agent",
    ask: (examinee) =>
      withVps(examinee, async (calls, made) => {
        await examinee.restart();
        assert.deepEqual(await calls.create(examinee.agent()), made);
      }),
  },
  {
    name: "a key that failed may be asked again",
    ask: (examinee) =>
      withVps(examinee, async ({ input }) => {
        const second = callsOf({
          ...createInput(examinee, 2),
          spec: { ...examinee.spec(2), address: input.spec.address },
        });
        await mustFail(second.create(examinee.agent()), "address_taken");
        await mustFail(second.create(examinee.agent()), "address_taken");
      }),
  },
  {
    name: "an older epoch is refused, also by the agent's successor",
    ask: (examinee) =>
      withVps(examinee, async (calls) => {
        await calls.start(examinee.agent(), 7);
        await mustFail(calls.start(examinee.agent(), 6), "epoch_stale");
        await examinee.restart();
        await mustFail(calls.start(examinee.agent(), 6), "epoch_stale");
        await mustFail(calls.delete(examinee.agent(), 6), "epoch_stale");
        assert.equal((await statusOf(examinee.agent(), calls.vpsId))?.epoch, 7);
      }),
  },
  {
    name: "an epoch is remembered after the VPS is gone",
    ask: async (examinee) => {
      const calls = callsOf(createInput(examinee, 1, { epoch: 3 }));
      await calls.create(examinee.agent());
      await calls.delete(examinee.agent());
      const late = callsOf({ ...calls.input, key: freshKey(), epoch: 2 });
      await mustFail(late.create(examinee.agent()), "epoch_stale");
    },
  },
  {
    name: "a create that arrives after the delete that took it back makes nothing, and the delete may be repeated",
    ask: async (examinee) => {
      const calls = callsOf(createInput(examinee));
      const mustMakeNothing = async () => {
        await mustFail(callsOf({ ...calls.input, key: freshKey() }).create(examinee.agent()), "epoch_stale");
        assert.equal(await statusOf(examinee.agent(), calls.vpsId), undefined);
        await calls.delete(examinee.agent());
      };
      await calls.delete(examinee.agent()); // it was never here
      await mustMakeNothing();
      await examinee.restart();
      await mustMakeNothing();
      const made = callsOf(createInput(examinee));
      await made.create(examinee.agent());
      await made.delete(examinee.agent());
      await mustFail(callsOf({ ...made.input, key: freshKey() }).create(examinee.agent()), "epoch_stale");
    },
  },
  {
    name: "status numbers only rise, across an agent's restart too",
    ask: (examinee) =>
      withVps(examinee, async (calls, made) => {
        const started = await calls.start(examinee.agent());
        const stopped = await calls.stop(examinee.agent(), 0);
        await examinee.restart();
        const again = await calls.start(examinee.agent());
        const numbers = [made, started, stopped, again].map((status) => status.statusSeq);
        for (const [index, number] of numbers.entries()) assert.ok(number > (numbers[index - 1] ?? 0), String(numbers));
      }),
  },
  {
    name: "a restart of the agent touches no running VPS",
    ask: (examinee) =>
      withRunningVps(examinee, async (calls, running) => {
        await examinee.restart();
        const found = await statusOf(examinee.agent(), calls.vpsId);
        assert.deepEqual([found?.state, found?.startedAtMs], ["running", running.startedAtMs]);
      }),
  },
];
