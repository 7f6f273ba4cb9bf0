/** Direct reads of a VPS, past the page cache. */
import { MIB } from "@muster/model/units";
import { afterAll, beforeAll, expect, it } from "vitest";
import { blocksPerSecond, layFile } from "../trial/direct-io.ts";
import { changeUnnoticed, type Effect, inWords, startEffect } from "../trial/effect.ts";

let effect: Effect;
beforeAll(async () => {
  effect = await startEffect();
  await layFile(effect);
});
afterAll(() => effect?.end());

const measure = async () => (await blocksPerSecond(effect, { way: "read", blockBytes: MIB, count: 16 })) * MIB;

it("holds a VPS to what it says, more or less at once", async ({ annotate }) => {
  for (const limit of [12 * MIB, 4 * MIB]) {
    await effect.change({ "io.read.bytes": limit });
    expect(await effect.read()).toMatchObject({ "io.read.bytes": limit });
    const measured = await measure();
    await annotate(`${(limit / MIB).toFixed(0)} MiB/s: ${(measured / MIB).toFixed(1)} measured`);
    expect(measured).toBeLessThan(limit * 1.4);
    expect(measured).toBeGreaterThan(limit * 0.5);
  }
  await effect.change({ "io.read.bytes": null });
  expect(await effect.read()).toMatchObject({ "io.read.bytes": null });
  await expect.poll(measure, { timeout: 30_000 }).toBeGreaterThan(12 * MIB * 1.5);
});

it("changes without anybody noticing", async ({ annotate }) => {
  await annotate(inWords(await changeUnnoticed(effect, { "io.read.bytes": 4 * MIB }, { "io.read.bytes": 12 * MIB })));
});
