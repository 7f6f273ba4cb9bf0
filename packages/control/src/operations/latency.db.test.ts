/**
 * Between the API call and the agent being told to start lies everything but the engine: about 70 ms on two slow
 * cores (`pnpm bench provision` measures the whole way). No figure is held here, machines differ; but no poll may
 * lie on the way, and a server looks for work that it has not heard of once a second.
 */
import { expect, test } from "vitest";
import { ACTOR, createTestFleet, ended, spec } from "../testing/test-fleet.ts";

test("a create reaches the agent's start without waiting for a poll", async () => {
  const control = await createTestFleet();
  try {
    const { nodeId, agent } = await control.addNode("alpha");
    const took: number[] = [];
    for (let number = 0; number < 20; number += 1) {
      const begun = performance.now();
      agent.before.set("startVps", () => void took.push(performance.now() - begun));
      const request = {
        nodeId,
        spec: spec({ name: `web-${number}`, address: `10.83.0.${20 + number}` }),
        start: true,
        actor: ACTOR,
      };
      const { jobId } = await control.fleet.vps.create(request);
      await ended(control.fleet, jobId);
    }
    expect(took.toSorted((one, other) => one - other)[10]).toBeLessThan(800);
  } finally {
    await control.close();
  }
});
