/** Two VPSs that want the same CPU for themselves. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { BUSY_LOOP, coresUsed } from "../trial/cpu-time.ts";
import { changeUnnoticed, type Effect, type Guest, inBackground, inWords, startEffect } from "../trial/effect.ts";

let effect: Effect;
let neighbour: Guest;
beforeAll(async () => {
  effect = await startEffect();
  neighbour = await effect.neighbour();
});
afterAll(() => effect?.end());

it("changes without anybody noticing", async ({ annotate }) => {
  await annotate(inWords(await changeUnnoticed(effect, { "cpu.weight": 100 }, { "cpu.weight": 1000 })));
});

it("divides a CPU as the weights say, the other way round at once", async ({ annotate }) => {
  for (const guest of [effect, neighbour]) {
    await guest.change({ "cpu.pinning": [0], "cpu.weight": 100 });
    await guest.run(inBackground(BUSY_LOOP));
  }
  for (const [mine, theirs] of [
    [400, 100],
    [100, 400],
  ] as const) {
    await effect.change({ "cpu.weight": mine });
    await neighbour.change({ "cpu.weight": theirs });
    expect(await effect.read()).toMatchObject({ "cpu.weight": mine });
    const [my = 0, their = 0] = await coresUsed([effect.vpsId, neighbour.vpsId], 3000);
    await annotate(`${mine} to ${theirs}: ${my.toFixed(2)} and ${their.toFixed(2)} cores`);
    const ratio = my / their / (mine / theirs);
    expect(ratio).toBeGreaterThan(0.6);
    expect(ratio).toBeLessThan(1.6);
  }
});
