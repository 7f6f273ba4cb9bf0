/**
 * The second exam, of every registered operation: everything is taken back, each undo twice, as a server does that died
 * before it could write down that the first time was enough. The fleet is as before all the same.
 */
import { MusterError } from "@muster/model/errors";
import type { JobKind } from "@muster/model/job";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Plan } from "./director.ts";
import { createGrounds, type Grounds } from "./grounds.ts";
import { turnsBack, UNDOABLE, undoPoints } from "./points.ts";
import { ask, beginTrial, endOf, expectAsBefore, type Trial } from "./trial.ts";

const TIMES = 2;
let grounds: Grounds;
let results: Map<JobKind, Promise<void>>;

beforeAll(async () => {
  grounds = await createGrounds(1);
  const trials = await Promise.all(
    UNDOABLE.map(async (kind, index) => [kind, await beginTrial(grounds, kind, index)] as const),
  );
  grounds.director.begin();
  results = new Map(trials.map(([kind, trial]) => [kind, hold(trial)]));
  await Promise.allSettled(results.values()); // each is judged in the test of its name
}, 120_000);
afterAll(() => grounds?.close());

/** The first time that an undo is done it is told to come again; `overloaded` is tried again with the same key. */
function twice(): { plan: Plan; times: Map<string, number> } {
  const times = new Map<string, number>();
  const plan: Plan = (at) => {
    if (turnsBack(at)) throw new MusterError("engine_failed", "It broke, as the exam asked.");
    const { step, direction, moment } = at;
    if (direction === "do" || moment !== "done") return;
    const time = (times.get(step) ?? 0) + 1;
    times.set(step, time);
    if (time < TIMES) throw new MusterError("overloaded", "Once more, as the exam asked.");
  };
  return { plan, times };
}

async function hold(trial: Trial): Promise<void> {
  const { plan, times } = twice();
  const job = await endOf(grounds, await ask(grounds, trial, plan));
  expect(job.state).toBe("failed");
  const undone = undoPoints(["done"]).filter(({ kind }) => kind === trial.kind);
  expect(times).toEqual(new Map(undone.map(({ step }) => [step, TIMES])));
  await expectAsBefore(grounds, trial);
}

test.each(UNDOABLE)("%s: taken back twice over, all is as before", async (kind) => {
  await results.get(kind);
});
