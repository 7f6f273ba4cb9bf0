/**
 * The first exam, of every registered operation: each step is made to fail, before its work and after it, and so is each
 * undo. Afterwards the fleet is as before, on the node too, or the job is plainly stuck: it says why and what to do.
 * Once the cause is gone, a retry comes to the end.
 */
import { afterAll, beforeAll, describe, test } from "vitest";
import { holdFailing } from "./failing-step.ts";
import { createGrounds, type Grounds } from "./grounds.ts";
import { failures, labelOf, type Point, undoPoints } from "./points.ts";
import { beginTrials } from "./trial.ts";

const NODES = 4;
const FORWARD = failures();
const BACK = undoPoints(["before", "done"]);

let grounds: Grounds;
let results: Map<Point, Promise<void>>;

beforeAll(async () => {
  grounds = await createGrounds(NODES);
  const trials = await beginTrials(
    grounds,
    [...FORWARD, ...BACK].map((point) => ({ point })),
  );
  grounds.director.begin();
  results = new Map(trials.map(({ point, trial }) => [point, holdFailing(grounds, point, trial)]));
  await Promise.allSettled(results.values()); // each is judged in the test of its name
}, 120_000);
afterAll(() => grounds?.close());

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
