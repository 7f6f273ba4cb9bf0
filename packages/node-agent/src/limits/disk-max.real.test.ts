/** A file that grows until the private area is full. */
import { MIB } from "@muster/model/units";
import { afterAll, beforeAll, expect, it } from "vitest";
import { changeUnnoticed, type Effect, inWords, startEffect } from "../trial/effect.ts";

let effect: Effect;
beforeAll(async () => {
  effect = await startEffect();
});
afterAll(() => effect?.end());

const write = (mebibytes: number) =>
  effect.run(`dd if=/dev/zero of=/root/big bs=1M count=${mebibytes} conv=fsync 2>&1; wc -c < /root/big`);

it("lets a VPS write what it says, more or less at once", async () => {
  await effect.change({ "disk.max": 128 * MIB });
  expect(await effect.read()).toMatchObject({ "disk.max": 128 * MIB });
  expect((await write(160)).stdout).toContain("Disk quota exceeded");
  await effect.change({ "disk.max": 256 * MIB });
  expect(await effect.read()).toMatchObject({ "disk.max": 256 * MIB });
  expect((await write(160)).stdout).toContain(String(160 * MIB));
});

it("refuses less than what is used, and takes it when that is gone", async () => {
  await expect(effect.change({ "disk.max": 64 * MIB })).rejects.toMatchObject({ code: "below_use" });
  expect(await effect.read()).toMatchObject({ "disk.max": 256 * MIB });
  await effect.run("rm /root/big; sync");
  await expect
    .poll(() => effect.change({ "disk.max": 64 * MIB }).then(() => "taken", String), { timeout: 20_000 })
    .toBe("taken");
  expect(await effect.read()).toMatchObject({ "disk.max": 64 * MIB });
  expect((await write(96)).stdout).toContain("Disk quota exceeded");
  await effect.run("rm /root/big; sync");
});

it("changes without anybody noticing", async ({ annotate }) => {
  await annotate(inWords(await changeUnnoticed(effect, { "disk.max": 128 * MIB }, { "disk.max": 512 * MIB })));
});
