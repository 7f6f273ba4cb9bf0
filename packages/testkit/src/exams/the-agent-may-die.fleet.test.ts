/**
 * The third exam's other half: the agent of the node is killed (kill -9) in each call of each step, before its work, in the
 * middle of it, and when it is done but not answered. It comes back, and the job ends by itself; nothing is made twice.
 */
import { setTimeout as delay } from "node:timers/promises";
import { MusterError } from "@muster/model/errors";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Strike } from "../simulated-host.ts";
import type { Plan } from "./director.ts";
import { createGrounds, type Grounds } from "./grounds.ts";
import { forwardPoints, labelOf, type Point, turnsBack, undoPoints } from "./points.ts";
import { ask, beginTrial, endOf, expectAsBefore, expectDone, type Trial } from "./trial.ts";

const NODES = 6;
/** As long as a supervisor takes to start it again. */
const DOWN_MS = 100;
const WHEN = ["asked", "amid", "worked"] as const;
const POINTS = [...forwardPoints(["before"]), ...undoPoints(["before"])].flatMap((point) =>
  WHEN.map((when) => ({ point, when, label: `${labelOf({ ...point, moment: "done" })}: ${when}` })),
);
type Deed = (typeof POINTS)[number] & { trial: Trial };

let grounds: Grounds;
let results: Map<string, Promise<void>>;

beforeAll(async () => {
  grounds = await createGrounds(NODES);
  const deeds = await Promise.all(
    POINTS.map(async (one, index) => ({ ...one, trial: await beginTrial(grounds, one.point.kind, index) })),
  );
  grounds.director.begin();
  const last: Promise<unknown>[] = Array.from({ length: NODES }, () => Promise.resolve());
  results = new Map();
  for (const [index, deed] of deeds.entries()) {
    // One death at a time on each node: a job must not be saved, or ruined, by its neighbour's.
    const result = (last[index % NODES] ?? Promise.resolve()).then(() => hold(deed));
    last[index % NODES] = result.catch(() => undefined);
    results.set(deed.label, result);
  }
  await Promise.allSettled(results.values()); // each is judged in the test of its name
}, 240_000);
afterAll(() => grounds?.close());

function striking({ point, when, trial }: Deed): Plan {
  const host = grounds.hostOf(trial.subject);
  let armed = true;
  const struck: Strike["struck"] = () => void delay(DOWN_MS).then(() => host.boot());
  return (at) => {
    const { jobId, step, direction, moment } = at;
    if (point.direction === "undo" && turnsBack(at))
      throw new MusterError("engine_failed", "It broke, as the exam asked.");
    if (!armed || step !== point.step || direction !== point.direction || moment !== "before") return;
    armed = false;
    host.strike = { key: keyOf(jobId, point), when, struck };
  };
}

const keyOf = (jobId: string, { step, direction }: Point) => `${jobId}:${step}${direction === "undo" ? ":undo" : ""}`;

async function hold(deed: Deed): Promise<void> {
  const { point, trial } = deed;
  const job = await endOf(grounds, await ask(grounds, trial, striking(deed)));
  grounds.hostOf(trial.subject).strike = null; // a step that asks nothing of its node was not struck
  expect(job.state).toBe(point.direction === "do" ? "succeeded" : "failed");
  await (point.direction === "do" ? expectDone : expectAsBefore)(grounds, trial);
}

test.each(POINTS.map(({ label }) => label))("%s", async (label) => {
  await results.get(label);
});
