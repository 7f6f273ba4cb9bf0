/**
 * The first exam, of every registered operation: each step is made to fail, before its work and after it, and so is each
 * undo. Afterwards the fleet is as before, on the node too, or the job is plainly stuck: it says why and what to do.
 * Once the cause is gone, a retry comes to the end.
 */
import { MusterError } from "@muster/model/errors";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Plan } from "./director.ts";
import { createGrounds, type Grounds } from "./grounds.ts";
import { failures, isAt, labelOf, type Point, turnsBack, UNDOABLE, undoPoints } from "./points.ts";
import {
  ask,
  beginTrial,
  endOf,
  expectAsBefore,
  expectDone,
  expectEither,
  expectPlainlyStuck,
  retried,
  type Trial,
} from "./trial.ts";

const NODES = 4;
const FORWARD = failures();
const BACK = undoPoints(["before", "done"]);

let grounds: Grounds;
let results: Map<Point, Promise<void>>;

beforeAll(async () => {
  grounds = await createGrounds(NODES);
  const trials = await Promise.all(
    [...FORWARD, ...BACK].map(async (point, index) => [point, await beginTrial(grounds, point.kind, index)] as const),
  );
  grounds.director.begin();
  results = new Map(trials.map(([point, trial]) => [point, hold(point, trial)]));
  await Promise.allSettled(results.values()); // each is judged in the test of its name
}, 120_000);
afterAll(() => grounds?.close());

const broken = () => new MusterError("engine_failed", "It broke, as the exam asked.");

/** Breaks at that point until it is mended; an undo is only come to when the step that everything hangs on breaks too. */
function breaking(point: Point): { plan: Plan; mend(): void } {
  let cause = true;
  return {
    plan: (moment) => {
      const turns = point.direction === "undo" && turnsBack(moment);
      if (cause && (turns || isAt(moment, point))) throw broken();
    },
    mend: () => {
      cause = false;
    },
  };
}

async function hold(point: Point, trial: Trial): Promise<void> {
  const { plan, mend } = breaking(point);
  const jobId = await ask(grounds, trial, plan);
  const job = await endOf(grounds, jobId);
  if (point.direction === "undo") expectPlainlyStuck(job);
  if (job.state === "stuck") {
    expectPlainlyStuck(job);
    mend();
    const again = await retried(grounds, trial, jobId);
    expect(again.id).toBe(jobId);
    if (point.direction === "do") return await expectDone(grounds, trial);
    expect(again.state).toBe("failed");
    return await expectAsBefore(grounds, trial);
  }
  expect(job).toMatchObject({ state: "failed", error: { code: "engine_failed" } });
  const mayStand = point.moment === "done" && !UNDOABLE.includes(point.kind);
  await (mayStand ? expectEither : expectAsBefore)(grounds, trial);
  mend();
  if (!mayStand) expect(await retried(grounds, trial, jobId)).toMatchObject({ state: "succeeded", retryOf: jobId });
  if (!mayStand) await expectDone(grounds, trial);
}

describe("when a step fails, all is as before, or the job says what to do", () => {
  test.each(FORWARD.map((point) => [labelOf(point), point] as const))("%s", async (_, point) => {
    await results.get(point);
  });
});

describe("when taking back fails, the job is stuck and says what to do; tried again, all is as before", () => {
  test.each(BACK.map((point) => [labelOf(point), point] as const))("%s", async (_, point) => {
    await results.get(point);
  });
});
