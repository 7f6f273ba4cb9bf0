/** What a VPS sends over TCP, before and after its rate was changed, and what its other visitors notice of that. */
import { existsSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { changeUnnoticed, type Effect, inWords, startEffect } from "../trial/effect.ts";
import { startTransfer, type Transfer } from "../trial/transfer.ts";
import { leftovers } from "../trial/trial-node.ts";

const MBIT = 1_000_000;
let effect: Effect;
let transfer: Transfer;
beforeAll(async () => {
  effect = await startEffect();
});
beforeEach(async () => {
  transfer = await startTransfer(effect, "egress");
});
afterEach(() => transfer?.end());
afterAll(() => effect?.end());

/** 4 % of the rate are headers, which a transfer does not count; the rest is for the other work of this machine. */
function expectAbout(measured: number, rate: number): void {
  expect(measured).toBeGreaterThan(rate * 0.75);
  expect(measured).toBeLessThan(rate * 1.1);
}

it("holds a VPS to its rate, higher or lower at once", async ({ annotate }) => {
  for (const rate of [20 * MBIT, 80 * MBIT, 10 * MBIT]) {
    await effect.change({ "nic.egress": rate });
    expect(await effect.read()).toMatchObject({ "nic.egress": rate });
    const measured = await transfer.bitsPerSecond();
    await annotate(`${rate / MBIT} Mbit/s: ${(measured / MBIT).toFixed(1)} measured`);
    expectAbout(measured, rate);
  }
});

it("lets it go as fast as it can without one", async () => {
  await effect.change({ "nic.egress": 5 * MBIT });
  await effect.change({ "nic.egress": null });
  expect(await effect.read()).toMatchObject({ "nic.egress": null });
  expect(existsSync(`/sys/class/net/${effect.vpsId}-ifb`)).toBe(false);
  expect(await transfer.bitsPerSecond()).toBeGreaterThan(160 * MBIT);
});

it("changes without anybody noticing, in the middle of a transfer", async ({ annotate }) => {
  const noticed = await changeUnnoticed(effect, { "nic.egress": 20 * MBIT }, { "nic.egress": 80 * MBIT });
  await annotate(inWords(noticed));
});

it("comes and goes without anybody noticing", async ({ annotate }) => {
  transfer.end();
  await annotate(inWords(await changeUnnoticed(effect, { "nic.egress": 50 * MBIT }, { "nic.egress": null })));
});

it("goes with the VPS", async () => {
  await effect.change({ "nic.egress": 20 * MBIT });
  await effect.agent.stop({ vpsId: effect.vpsId, epoch: 1, key: "stop", graceMs: 0 }, new AbortController().signal);
  expect((await leftovers(effect.node, effect.vpsId)).filter((place) => place === "ip link")).toEqual([]);
});
