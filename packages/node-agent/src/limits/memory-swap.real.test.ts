/** More memory than a VPS has: where the host has swap it is moved out, elsewhere the node says why it cannot be. */
import { MIB } from "@muster/model/units";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Effect, startEffect } from "../trial/effect.ts";

let effect: Effect;
beforeAll(async () => {
  effect = await startEffect();
});
afterAll(() => effect?.end());

const holdTwice = async () =>
  (await effect.run(`dd if=/dev/zero of=/dev/null bs=${64 * MIB} count=1 2> /dev/null`)).exitCode;

it("lets a VPS be moved out as far as it says, or is refused with the node's reason", async ({ annotate }) => {
  const finding = (await effect.agent.findLimits()).find(({ name }) => name === "memory.swap");
  await annotate(finding?.detail ?? "");
  await effect.change({ "memory.max": 32 * MIB, "memory.swap": 0 });
  expect(await effect.read()).toMatchObject({ "memory.swap": 0 });
  expect(await holdTwice()).toBe(137);
  const more = effect.change({ "memory.swap": 128 * MIB });
  if (finding?.available === true) {
    await more;
    expect(await effect.read()).toMatchObject({ "memory.swap": 128 * MIB });
    expect(await holdTwice()).toBe(0);
  } else {
    const refusal = { code: "unsupported", message: expect.stringContaining(finding?.detail ?? "a reason") };
    await expect(more).rejects.toMatchObject(refusal);
    expect(await effect.read()).toMatchObject({ "memory.swap": 0 });
  }
});
