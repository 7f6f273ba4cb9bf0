/**
 * The third exam's other half: the agent of the node is killed (kill -9) in each call of each step, before its work, in the
 * middle of it, and when it is done but not answered. It comes back, and the job ends by itself; nothing is made twice.
 */
import { afterAll, beforeAll, test } from "vitest";
import { createGrounds, type Grounds } from "./grounds.ts";
import { holdAgentDeath } from "./killed-agent.ts";
import { forwardPoints, labelOf, undoPoints } from "./points.ts";
import { beginTrials } from "./trial.ts";

const NODES = 6;
const WHEN = ["asked", "amid", "worked"] as const;
const POINTS = [...forwardPoints(["before"]), ...undoPoints(["before"])].flatMap((point) =>
  WHEN.map((when) => ({ point, when, label: `${labelOf({ ...point, moment: "done" })}: ${when}` })),
);

let grounds: Grounds;
let results: Map<string, Promise<void>>;

beforeAll(async () => {
  grounds = await createGrounds(NODES);
  const deeds = await beginTrials(grounds, POINTS);
  grounds.director.begin();
  const last: Promise<unknown>[] = Array.from({ length: NODES }, () => Promise.resolve());
  results = new Map();
  for (const [index, deed] of deeds.entries()) {
    // One death at a time on each node: a job must not be saved, or ruined, by its neighbour's.
    const result = (last[index % NODES] ?? Promise.resolve()).then(() => holdAgentDeath(grounds, deed));
    last[index % NODES] = result.catch(() => undefined);
    results.set(deed.label, result);
  }
  await Promise.allSettled(results.values()); // each is judged in the test of its name
}, 240_000);
afterAll(() => grounds?.close());

test.each(POINTS.map(({ label }) => label))("%s", async (label) => {
  await results.get(label);
});
