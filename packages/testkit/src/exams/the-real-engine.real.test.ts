/**
 * The three exams on this host's own engine, for the kinds of job that change most on a node: create, set-limits and
 * delete. What the product says is held against what the host's own tools say.
 */
import { readFile } from "node:fs/promises";
import { createTestAuthority } from "@muster/agent-api/test-authority";
import { leftovers } from "@muster/node-agent/trial/trial-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UNDISTURBED } from "./director.ts";
import { holdFailing } from "./failing-step.ts";
import { createGrounds, type Grounds } from "./grounds.ts";
import { holdAgentDeath } from "./killed-agent.ts";
import { type Deed, holdLeft, killedServer } from "./killed-server.ts";
import { failures, forwardPoints, labelOf, type Point, undoPoints } from "./points.ts";
import { createRealMachine, type RealMachine } from "./real-machine.ts";
import { holdRepeating } from "./repeated-undo.ts";
import { inBooks } from "./sight.ts";
import { EXAMINER } from "./subject.ts";
import { beginTrial, endOf, type Trial } from "./trial.ts";

const PORT = 9_270;
const KINDS: ReadonlySet<string> = new Set(["vps.create", "vps.setLimits", "vps.delete"]);
const MOMENTS = ["before", "done", "recorded"] as const;
const WHEN = ["asked", "amid", "worked"] as const;
/** As many of one kind as may be at work on one node. */
const WAVE = 4;

const examined = (points: readonly Point[]) => points.filter(({ kind }) => KINDS.has(kind));
const named = (points: readonly Point[]) => points.map((point) => [labelOf(point), point] as const);
/** Those that ask something of their node. */
const CALLING = new Set(["prepare", "start", "remove", "apply"]);
const callPoints = examined([...forwardPoints(["done"]), ...undoPoints(["done"])]).filter(({ step }) =>
  CALLING.has(step),
);

let machine: RealMachine;
let grounds: Grounds;

beforeAll(async () => {
  const authority = await createTestAuthority();
  machine = await createRealMachine(PORT, () => authority.issue("muster-server"));
  grounds = await createGrounds(1, { own: [machine], authority });
  grounds.director.begin();
}, 120_000);
afterAll(() => grounds?.close());

/** The trial is over: its VPS goes, and nothing of it is left. */
async function expectNothingLeft({ subject }: Trial): Promise<void> {
  const fleet = grounds.test.fleet();
  const vps = await inBooks(fleet, subject);
  if (vps === null) return;
  const { jobId } = await fleet.vps.delete({ vpsId: vps.id, actor: EXAMINER });
  grounds.director.direct(jobId, UNDISTURBED);
  expect((await endOf(grounds, jobId)).state).toBe("succeeded");
  expect(await leftovers(machine.trial, vps.id)).toEqual([]);
}

/** What the host says of a VPS that runs, or of what is left where there should be none. */
async function expectHostAgrees({ subject }: Trial): Promise<void> {
  const vps = await inBooks(grounds.test.fleet(), subject);
  const placements = (await machine.node().listPlacements()).filter(({ spec }) => spec.address === subject.address);
  const vpsId = vps?.id ?? subject.vpsId ?? placements[0]?.status.vpsId;
  if (vpsId === undefined) return;
  const found = await leftovers(machine.trial, vpsId);
  if (vps === null) return expect(found).toEqual([]);
  expect(found).toEqual(expect.arrayContaining(["runc list", "ip link", "mounts", "subvolumes", "cgroups"]));
  const pids = await readCgroup(`pids/muster/${vpsId}/pids.max`, `muster/${vpsId}/pids.max`);
  expect(pids).toBe(vps.spec.limits["pids.max"]);
  const memory = await readCgroup(`memory/muster/${vpsId}/memory.limit_in_bytes`, `muster/${vpsId}/memory.max`);
  expect(memory).toBe(vps.spec.limits["memory.max"]);
}

async function readCgroup(...paths: string[]): Promise<number> {
  for (const path of paths) {
    const text = await readFile(`/sys/fs/cgroup/${path}`, "utf8").catch(() => null); // the other layout's
    if (text !== null) return Number(text);
  }
  throw new Error(`none of ${paths.join(", ")} is there`);
}

describe("a step fails", () => {
  test.each(named(examined([...failures(), ...undoPoints(["before", "done"])])))("%s", async (_, point) => {
    const trial = await beginTrial(grounds, point.kind, 0);
    await holdFailing(grounds, point, trial);
    await expectHostAgrees(trial);
    await expectNothingLeft(trial);
  });
});

test.each(["vps.create", "vps.setLimits"] as const)("%s: taken back twice over, all is as before", async (kind) => {
  const trial = await beginTrial(grounds, kind, 0);
  await holdRepeating(grounds, trial);
  await expectHostAgrees(trial);
  await expectNothingLeft(trial);
});

describe.each(WHEN)("the agent is killed, %s", (when) => {
  test.each(named(callPoints))("%s", async (_, point) => {
    const trial = await beginTrial(grounds, point.kind, 0);
    await holdAgentDeath(grounds, { point, when, trial });
    await expectHostAgrees(trial);
    await expectNothingLeft(trial);
  });
});

describe("the server is killed", () => {
  const all = examined([...forwardPoints(MOMENTS), ...undoPoints(MOMENTS)]);
  const rank = (point: Point, index: number) => all.slice(0, index).filter(({ kind }) => kind === point.kind).length;
  const waves = Object.values(Object.groupBy(all, (point, index) => Math.floor(rank(point, index) / WAVE)));

  test.each(waves.map((points = []) => [points.map(labelOf).join("; "), points] as const))("%s", async (_, points) => {
    const deeds: Deed[] = [];
    for (const point of points) deeds.push({ point, trial: await beginTrial(grounds, point.kind, 0) });
    await grounds.test.stop();
    const left = await killedServer(grounds, "examined", deeds);
    await grounds.test.start({ serverId: "examined" });
    for (const [index, deed] of deeds.entries()) {
      const one = left[index];
      if (one === undefined) throw new RangeError("every deed leaves something");
      await holdLeft(grounds, deed, one);
      await expectHostAgrees(deed.trial);
      await expectNothingLeft(deed.trial);
    }
  });
});
