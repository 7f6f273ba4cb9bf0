/** Direct writes of a VPS, past the page cache. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { blocksPerSecond, layFile } from "../trial/direct-io.ts";
import { changeUnnoticed, type Effect, inWords, startEffect } from "../trial/effect.ts";

let effect: Effect;
beforeAll(async () => {
  effect = await startEffect();
  await layFile(effect);
});
afterAll(() => effect?.end());

const measure = async () => await blocksPerSecond(effect, { way: "write", blockBytes: 4096, count: 200 });

it("holds a VPS to what it says, more or less at once", async ({ annotate }) => {
  for (const limit of [200, 50]) {
    await effect.change({ "io.write.operations": limit });
    expect(await effect.read()).toMatchObject({ "io.write.operations": limit });
    const measured = await measure();
    await annotate(`${limit} a second: ${measured.toFixed(0)} measured`);
    expect(measured).toBeLessThan(limit * 1.4);
    expect(measured).toBeGreaterThan(limit * 0.5);
  }
  await effect.change({ "io.write.operations": null });
  expect(await effect.read()).toMatchObject({ "io.write.operations": null });
  await expect.poll(measure, { timeout: 30_000 }).toBeGreaterThan(200 * 1.5);
});

it("changes without anybody noticing", async ({ annotate }) => {
  await annotate(inWords(await changeUnnoticed(effect, { "io.write.operations": 50 }, { "io.write.operations": 200 })));
});
