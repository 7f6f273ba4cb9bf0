/**
 * The third exam, of every registered operation: the server is killed (kill -9) before each step's work, after it, and
 * after its record, on the way forward and on the way back. The job ends by itself when that server is started again,
 * and just so on another one; no lock stays, and nothing is made twice.
 */
import { afterAll, beforeAll, describe, test } from "vitest";
import { createGrounds, type Grounds } from "./grounds.ts";
import { type Deed, holdLeft, killedServer, type Left } from "./killed-server.ts";
import { forwardPoints, labelOf, undoPoints } from "./points.ts";
import { beginTrials } from "./trial.ts";

const NODES = 12;
const MOMENTS = ["before", "done", "recorded"] as const;
const POINTS = [...forwardPoints(MOMENTS), ...undoPoints(MOMENTS)];
const EXAMINED = "examined";

let grounds: Grounds;
beforeAll(async () => {
  grounds = await createGrounds(NODES);
}, 120_000);
afterAll(() => grounds?.close());

describe.each([
  ["started again", EXAMINED],
  ["dead, and another one takes over", "another"],
])("the server is %s", (_, successor) => {
  let deeds: Deed[];
  let left: Left[];

  beforeAll(async () => {
    deeds = await beginTrials(
      grounds,
      POINTS.map((point) => ({ point })),
    );
    await grounds.test.stop();
    left = await killedServer(grounds, EXAMINED, deeds);
    await grounds.test.start({ serverId: successor });
  }, 240_000);

  test.each(POINTS.map((point, index) => [labelOf(point), index] as const))("%s", async (_label, index) => {
    const [deed, one] = [deeds[index], left[index]];
    if (deed === undefined || one === undefined) throw new RangeError("every point has its deed");
    await holdLeft(grounds, deed, one);
  });

  test("no machine has joined twice, and no VPS is in two places", () => grounds.expectNothingTwice());
});
