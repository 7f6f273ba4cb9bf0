/** Two busy loops in a VPS, and the CPU time that they get. */
import { availableParallelism } from "node:os";
import { afterAll, beforeAll, expect, it } from "vitest";
import { BUSY_LOOP, coresUsed, heldBackShare } from "../trial/cpu-time.ts";
import { changeUnnoticed, type Effect, inBackground, inWords, startEffect } from "../trial/effect.ts";

let effect: Effect;
beforeAll(async () => {
  effect = await startEffect();
});
afterAll(() => effect?.end());

const used = async () => (await coresUsed([effect.vpsId], 1500))[0] ?? Number.NaN;

it("changes without anybody noticing", async ({ annotate }) => {
  await annotate(inWords(await changeUnnoticed(effect, { "cpu.cores": 1 }, { "cpu.cores": 2 })));
});

it("gives a VPS the cores it says, more or fewer at once", async ({ annotate }) => {
  await effect.run(`${inBackground(BUSY_LOOP)} ${inBackground(BUSY_LOOP)}`);
  for (const cores of [0.2, 0.1]) {
    await effect.change({ "cpu.cores": cores });
    expect(await effect.read()).toMatchObject({ "cpu.cores": cores });
    const measured = await used();
    await annotate(`${cores} cores: ${measured.toFixed(2)} used`);
    expect(measured).toBeLessThan(cores * 1.15);
    expect(await heldBackShare(effect.vpsId, 1500)).toBeGreaterThan(0.5);
  }
  await effect.change({ "cpu.cores": availableParallelism() });
  expect(await effect.read()).toMatchObject({ "cpu.cores": availableParallelism() });
  // How much it gets is for the others on this machine to say; its limit holds it back no more, but for a period here
  // and there: two loops that have two whole CPUs touch it now and then.
  await expect.poll(used, { timeout: 40_000 }).toBeGreaterThan(0.12);
  const share = await heldBackShare(effect.vpsId, 1500);
  await annotate(`${availableParallelism()} cores: held back in ${(share * 100).toFixed(0)} % of the periods`);
  expect(share).toBeLessThan(0.3);
});
