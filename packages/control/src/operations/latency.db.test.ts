/** What the control plane costs between the API call and the agent being told to start: everything but the engine. */
import { expect, test } from "vitest";
import { ACTOR, createTestFleet, ended, spec } from "../testing/test-fleet.ts";

test("a create reaches the agent's start in less than 120 ms", async () => {
  const control = await createTestFleet();
  try {
    const { nodeId, agent } = await control.addNode("alpha");
    const took: number[] = [];
    const answered: number[] = [];
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
      answered.push(performance.now() - begun);
      await ended(control.fleet, jobId);
    }
    process.stderr.write(
      `answered ${JSON.stringify(answered.map(Math.round))} start ${JSON.stringify(took.map(Math.round))}\n`,
    );
    expect(took.toSorted((one, other) => one - other)[10]).toBeLessThan(120);
  } finally {
    await control.close();
  }
});
