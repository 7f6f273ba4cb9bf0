/** A process that asks for memory: it gets it, or is ended by the kernel. */
import { MIB } from "@muster/model/units";
import { afterAll, beforeAll, expect, it } from "vitest";
import { changeUnnoticed, type Effect, inWords, startEffect } from "../trial/effect.ts";

const KILLED = 137; // 128 + SIGKILL
let effect: Effect;
beforeAll(async () => {
  effect = await startEffect();
});
afterAll(() => effect?.end());

/** dd holds one block in memory, and has written all of it. */
const hold = async (bytes: number) =>
  (await effect.run(`dd if=/dev/zero of=/dev/null bs=${bytes} count=1 2> /dev/null`)).exitCode;

it("lets a VPS have the memory it says, more or less at once", async () => {
  await effect.change({ "memory.max": 96 * MIB });
  expect(await effect.read()).toMatchObject({ "memory.max": 96 * MIB });
  expect(await hold(64 * MIB)).toBe(0);
  await effect.change({ "memory.max": 32 * MIB });
  expect(await effect.read()).toMatchObject({ "memory.max": 32 * MIB });
  expect(await hold(64 * MIB)).toBe(KILLED);
  await effect.change({ "memory.max": 96 * MIB });
  expect(await hold(64 * MIB)).toBe(0);
});

it("refuses less than the VPS holds, and ends none of its processes", async () => {
  await effect.run(`head -c ${48 * MIB} /dev/zero > /dev/shm/held`);
  await expect(effect.change({ "memory.max": 32 * MIB })).rejects.toMatchObject({ code: "below_use" });
  expect(await effect.read()).toMatchObject({ "memory.max": 96 * MIB });
  expect((await effect.run("wc -c < /dev/shm/held; rm /dev/shm/held")).stdout.trim()).toBe(String(48 * MIB));
});

it("changes without anybody noticing", async ({ annotate }) => {
  await annotate(inWords(await changeUnnoticed(effect, { "memory.max": 64 * MIB }, { "memory.max": 256 * MIB })));
});
