/** What a VPS receives over TCP, before and after its rate was changed, and what its other visitors notice of that. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { backlogOf, parseQdiscs, showLine, tc } from "../engine/tc.ts";
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
  transfer = await startTransfer(effect, "ingress");
});
afterEach(() => transfer?.end());
afterAll(() => effect?.end());

it("holds a VPS to its rate, higher or lower at once", async ({ annotate }) => {
  // From 80 to 10 in place; from 150, where what waits is not cut to frames, to 15 by way of an open queue.
  for (const rate of [80 * MBIT, 10 * MBIT, 150 * MBIT, 15 * MBIT]) {
    await effect.change({ "nic.ingress": rate });
    expect(await effect.read()).toMatchObject({ "nic.ingress": rate });
    const measured = await transfer.bitsPerSecond();
    await annotate(`${rate / MBIT} Mbit/s: ${(measured / MBIT).toFixed(1)} measured`);
    // Without a limit it is a hundred times that. What had arrived and was not counted yet, on a busy machine, is counted
    // once; and after a fall to an eighth TCP has to find its pace anew.
    await expect.poll(() => transfer.bitsPerSecond(), { timeout: 15_000 }).toBeLessThan(rate * 1.1);
    await expect.poll(() => transfer.bitsPerSecond(), { timeout: 15_000 }).toBeGreaterThan(rate * 0.85);
  }
});

it("lets it go as fast as it can without one", async () => {
  await effect.change({ "nic.ingress": 5 * MBIT });
  await effect.change({ "nic.ingress": null });
  expect(await effect.read()).toMatchObject({ "nic.ingress": null });
  await expect.poll(() => transfer.bitsPerSecond(), { timeout: 15_000 }).toBeGreaterThan(160 * MBIT);
});

it("frees a queue that an agent of before made, in which packets may wait that are too long by now", async () => {
  for (const rate of [20 * MBIT, 40 * MBIT]) {
    await effect.change({ "nic.ingress": null });
    const before = `qdisc replace dev ${effect.vpsId} root handle 1: tbf rate 20mbit burst 12500 limit 37500`;
    await tc(before);
    await expect.poll(async () => backlogOf(parseQdiscs(await tc(showLine(effect.vpsId))))).toBeGreaterThan(0);
    await effect.change({ "nic.ingress": rate });
    await expect.poll(() => transfer.bitsPerSecond(), { timeout: 15_000 }).toBeGreaterThan(rate * 0.85);
  }
});

it("changes without anybody noticing, in the middle of a transfer", async ({ annotate }) => {
  const noticed = await changeUnnoticed(effect, { "nic.ingress": 20 * MBIT }, { "nic.ingress": 80 * MBIT });
  await annotate(inWords(noticed));
});

it("comes and goes without anybody noticing", async ({ annotate }) => {
  transfer.end();
  await annotate(inWords(await changeUnnoticed(effect, { "nic.ingress": 50 * MBIT }, { "nic.ingress": null })));
});

it("goes with the VPS, and comes with it again", async () => {
  const { agent, node, vpsId } = effect;
  const never = new AbortController().signal;
  await effect.change({ "nic.ingress": 20 * MBIT });
  await agent.stop({ vpsId, epoch: 1, key: "stop", graceMs: 0 }, never);
  expect((await leftovers(node, vpsId)).filter((place) => place === "ip link")).toEqual([]);
  await agent.start({ vpsId, epoch: 1, key: "start" }, never);
  expect(await effect.read()).toMatchObject({ "nic.ingress": 20 * MBIT });
});
