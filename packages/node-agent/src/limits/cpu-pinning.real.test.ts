/** Where the processes of a VPS run. */
import { readFileSync } from "node:fs";
import { formatCpus, parseCpus } from "@muster/model/limits/cpu-pinning";
import { afterAll, beforeAll, expect, it } from "vitest";
import { BUSY_LOOP } from "../trial/cpu-time.ts";
import { changeUnnoticed, type Effect, inBackground, inWords, startEffect } from "../trial/effect.ts";

const CPUS = parseCpus(readFileSync("/sys/devices/system/cpu/online", "utf8")) ?? [];
const [FIRST = 0, LAST = 0] = [CPUS[0], CPUS.at(-1)];
let effect: Effect;
beforeAll(async () => {
  effect = await startEffect();
});
afterAll(() => effect?.end());

/** Of every process of the VPS: what it may run on, and where it was last (proc_pid_stat(5), field 39). */
async function places(): Promise<{ allowed: Set<string>; last: Set<number> }> {
  const { stdout } = await effect.run("cat /proc/[0-9]*/status; echo ---; cat /proc/[0-9]*/stat");
  const [status = "", stat = ""] = stdout.split("---\n");
  const allowed = [...status.matchAll(/^Cpus_allowed_list:\s*(\S+)$/gm)].map(([, list = ""]) => list);
  const last = stat.split("\n").flatMap((line) => line.split(") ")[1]?.split(" ").slice(36, 37) ?? []);
  return { allowed: new Set(allowed), last: new Set(last.map(Number)) };
}

it("moves a VPS to the CPUs it says, running processes too", async () => {
  await effect.run(inBackground(BUSY_LOOP));
  for (const cpu of [FIRST, LAST]) {
    await effect.change({ "cpu.pinning": [cpu] });
    expect(await effect.read()).toMatchObject({ "cpu.pinning": [cpu] });
    expect((await places()).allowed).toEqual(new Set([String(cpu)]));
    // One that sleeps moves when it wakes: asked, the web server does, and the loop runs all the time.
    await expect.poll(async () => [...(await places()).last].includes(cpu)).toBe(true);
  }
  await effect.change({ "cpu.pinning": null });
  expect(await effect.read()).toMatchObject({ "cpu.pinning": null });
  expect((await places()).allowed).toEqual(new Set([formatCpus(CPUS)]));
});

it("changes without anybody noticing", async ({ annotate }) => {
  await effect.run("killall -9 sh");
  await annotate(inWords(await changeUnnoticed(effect, { "cpu.pinning": [FIRST] }, { "cpu.pinning": [LAST] })));
});
