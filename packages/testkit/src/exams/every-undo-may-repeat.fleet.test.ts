/**
 * The second exam, of every registered operation: everything is taken back, each undo twice, as a server does that died
 * before it could write down that the first time was enough. The fleet is as before all the same.
 */
import type { JobKind } from "@muster/model/job";
import { afterAll, beforeAll, test } from "vitest";
import { createGrounds, type Grounds } from "./grounds.ts";
import { UNDOABLE } from "./points.ts";
import { holdRepeating } from "./repeated-undo.ts";
import { beginTrial } from "./trial.ts";

let grounds: Grounds;
let results: Map<JobKind, Promise<void>>;

beforeAll(async () => {
  grounds = await createGrounds(1);
  const trials = await Promise.all(
    UNDOABLE.map(async (kind, index) => [kind, await beginTrial(grounds, kind, index)] as const),
  );
  grounds.director.begin();
  results = new Map(trials.map(([kind, trial]) => [kind, holdRepeating(grounds, trial)]));
  await Promise.allSettled(results.values()); // each is judged in the test of its name
}, 120_000);
afterAll(() => grounds?.close());

test.each(UNDOABLE)("%s: taken back twice over, all is as before", async (kind) => {
  await results.get(kind);
});
