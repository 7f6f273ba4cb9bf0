/** Processes are made until the kernel refuses one more. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { changeUnnoticed, type Effect, inWords, startEffect } from "../trial/effect.ts";

let effect: Effect;
beforeAll(async () => {
  effect = await startEffect();
});
afterAll(() => effect?.end());

/** How many sleeping processes the guest can start before a fork fails. To end them takes none: kill is the shell's own. */
async function processesPossible(): Promise<number> {
  const ending = `trap 'kill $started; wait' EXIT`;
  const script = `${ending}; i=0; while [ $i -lt 200 ]; do sleep 60 & started="$started $!"; i=$((i+1)); echo $i; done`;
  const { stdout } = await effect.run(`(${script}) 2> /dev/null`);
  return stdout
    .trim()
    .split("\n")
    .filter((line) => /^\d+$/.test(line)).length;
}

it("lets a VPS have as many processes as it says, more or fewer at once", async () => {
  await effect.change({ "pids.max": 40 });
  expect(await effect.read()).toMatchObject({ "pids.max": 40 });
  const few = await processesPossible();
  expect(few).toBeGreaterThan(20);
  expect(few).toBeLessThan(40);
  await effect.change({ "pids.max": 100 });
  expect(await effect.read()).toMatchObject({ "pids.max": 100 });
  expect(await processesPossible()).toBe(few + 60);
});

it("changes without anybody noticing", async ({ annotate }) => {
  await annotate(inWords(await changeUnnoticed(effect, { "pids.max": 64 }, { "pids.max": 256 })));
});
