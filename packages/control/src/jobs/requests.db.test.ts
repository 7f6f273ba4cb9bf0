/** Cancel and retry, as people ask for them: at each moment of a job the database decides, and says so truly. */
import { type Database, openDatabase } from "@muster/db/client";
import { MusterError } from "@muster/model/errors";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { FakeAgent } from "../testing/fake-agent.ts";
import { ACTOR, createTestFleet, ended, eventually, spec, type TestFleet } from "../testing/test-fleet.ts";

let control: TestFleet;
let nodeId: string;
let agent: FakeAgent;
let database: Database;
let number = 0;

beforeAll(async () => {
  control = await createTestFleet();
  ({ nodeId, agent } = await control.addNode("alpha"));
  database = openDatabase(control.url);
});
afterAll(async () => {
  await database.close();
  await control.close();
});
beforeEach(() => agent.before.clear());

async function create(): Promise<{ jobId: string; vpsId: string }> {
  number += 1;
  const fresh = spec({ name: `web-${number}`, address: `10.83.0.${20 + number}` });
  return await control.fleet.vps.create({ nodeId, spec: fresh, start: true, actor: ACTOR });
}

async function created(): Promise<string> {
  const { jobId, vpsId } = await create();
  expect((await ended(control.fleet, jobId)).state).toBe("succeeded");
  return vpsId;
}

const GRACE = "grace@example.org";
const cancel = (jobId: string, actor = GRACE) => control.fleet.jobs.cancel({ jobId, actor });
const retry = (jobId: string, actor = GRACE) => control.fleet.jobs.retry({ jobId, actor });
const fails = () => {
  throw new MusterError("engine_failed", "no");
};
const stepsOf = async (jobId: string) =>
  (await control.fleet.jobs.get(jobId)).steps.map(({ name, state }) => `${name} ${state}`);
const templateImport = (name: string) =>
  control.fleet.templates.import({
    ...{ nodeId, name, description: "", init: "systemd", actor: ACTOR },
    ...{ fileName: "debian.tar", sha256: "1".repeat(64) },
  });

describe("a cancel", () => {
  test("of a job that waits for its turn: it is taken back at once, though the node is busy", async () => {
    const gates: (() => void)[] = [];
    agent.before.set("createVps", () => new Promise((resolve) => gates.push(resolve)));
    const busy = [await create(), await create(), await create(), await create()];
    await eventually(() => gates.length === 4);
    const { jobId, vpsId } = await create();
    await cancel(jobId);
    expect(await ended(control.fleet, jobId)).toMatchObject({
      ...{ state: "cancelled", cancelRequested: true },
      ...{ actor: ACTOR, cancelledBy: GRACE, resumedBy: null },
    });
    expect(await stepsOf(jobId)).toEqual(["reserve undone", "prepare skipped", "start skipped"]);
    await expect(control.fleet.vps.get(vpsId)).rejects.toMatchObject({ code: "not_found" });
    expect(gates).toHaveLength(4);
    for (const open of gates) open();
    for (const { jobId: id } of busy) await ended(control.fleet, id);
  });

  test("of a step that runs: its call is aborted, and what it half did is removed", async () => {
    agent.before.set("createVps", () => new Promise(() => {}));
    const { jobId, vpsId } = await create();
    await eventually(() => agent.calls.includes(`createVps ${vpsId}`));
    await cancel(jobId);
    expect(await ended(control.fleet, jobId, 5_000)).toMatchObject({
      state: "cancelled",
      error: { code: "cancelled" },
    });
    expect(await stepsOf(jobId)).toEqual(["reserve undone", "prepare failed", "start skipped"]);
    expect(agent.calls).toContain(`deleteVps ${vpsId}`);
    await expect(control.fleet.vps.get(vpsId)).rejects.toMatchObject({ code: "not_found" });
  });

  test("past the point of no return: it is refused with the reason, and the job goes on", async () => {
    const gate = Promise.withResolvers<void>();
    agent.before.set("startVps", () => gate.promise);
    const { jobId, vpsId } = await create();
    await eventually(() => agent.calls.includes(`startVps ${vpsId}`));
    await expect(cancel(jobId)).rejects.toMatchObject({
      code: "state_conflict",
      message: expect.stringContaining("point of no return"),
    });
    gate.resolve();
    expect(await ended(control.fleet, jobId)).toMatchObject({
      ...{ state: "succeeded", cancelRequested: false, cancelledBy: null },
    });
  });

  test("that two ask for at once is one's: the other is refused, and is not the one who took it back", async () => {
    agent.before.set("createVps", () => new Promise(() => {}));
    const { jobId, vpsId } = await create();
    await eventually(() => agent.calls.includes(`createVps ${vpsId}`));
    const people = [GRACE, "alan@example.org"];
    const answers = await Promise.allSettled(people.map((actor) => cancel(jobId, actor)));
    const accepted = people.filter((_, index) => answers[index]?.status === "fulfilled");
    expect(accepted).toHaveLength(1);
    expect(await ended(control.fleet, jobId)).toMatchObject({ state: "cancelled", cancelledBy: accepted[0] });
  });

  test("of a job that has ended or is being cancelled is refused; of one that never was, too", async () => {
    const { jobId } = await create();
    await ended(control.fleet, jobId);
    await expect(cancel(jobId)).rejects.toMatchObject({ code: "state_conflict", message: "It has ended." });
    await expect(cancel("j0000000000")).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("a retry", () => {
  test("of a job that failed is a new job with the same input, which says what it tries again", async () => {
    agent.before.set("createVps", fails);
    const first = await create();
    expect((await ended(control.fleet, first.jobId)).state).toBe("failed");
    agent.before.clear();
    const { jobId } = await retry(first.jobId);
    expect(jobId).not.toBe(first.jobId);
    const job = await ended(control.fleet, jobId);
    expect(job).toMatchObject({ state: "succeeded", retryOf: first.jobId, actor: GRACE, resumedBy: null });
    expect((await control.fleet.vps.get(job.vpsId ?? "")).spec).toMatchObject({ name: job.vpsName });
    await expect(retry(first.jobId)).rejects.toMatchObject({ code: "name_taken" }); // as the first request would be now
    await expect(retry(jobId)).rejects.toMatchObject({ code: "state_conflict", message: "It succeeded." });
  });

  test("of one that is stuck on the way back goes on there, under its own id", async () => {
    agent.before.set("startVps", fails);
    agent.before.set("deleteVps", fails);
    const { jobId, vpsId } = await create();
    const stuck = await ended(control.fleet, jobId);
    expect(stuck).toMatchObject({ state: "stuck", advice: expect.stringContaining("Retry") });
    agent.before.clear();
    expect(await retry(jobId)).toEqual({ jobId });
    expect(await ended(control.fleet, jobId)).toMatchObject({
      state: "failed",
      advice: null,
      error: { message: "no" },
    });
    expect(await stepsOf(jobId)).toEqual(["reserve undone", "prepare undone", "start failed"]);
    expect(agent.placements.has(vpsId)).toBe(false);
  });

  test("of one that is stuck says who set it going again and when, and the last one's word is kept", async () => {
    const vpsId = await created();
    agent.before.set("deleteVps", fails);
    const { jobId } = await control.fleet.vps.delete({ vpsId, actor: ACTOR });
    expect(await ended(control.fleet, jobId)).toMatchObject({ state: "stuck", resumedBy: null, resumedAt: null });
    await retry(jobId, "alan@example.org");
    const again = await ended(control.fleet, jobId);
    expect(again).toMatchObject({ state: "stuck", actor: ACTOR, resumedBy: "alan@example.org", cancelledBy: null });
    agent.before.clear();
    await retry(jobId);
    const done = await ended(control.fleet, jobId);
    expect(done).toMatchObject({ state: "succeeded", actor: ACTOR, resumedBy: GRACE });
    expect(Date.parse(done.resumedAt ?? "")).toBeGreaterThan(Date.parse(again.resumedAt ?? ""));
    expect(Date.parse(done.endedAt ?? "")).toBeGreaterThanOrEqual(Date.parse(done.resumedAt ?? ""));
  });

  test("of one that is stuck past its point of no return does the step that failed again", async () => {
    const vpsId = await created();
    agent.before.set("deleteVps", fails);
    const { jobId } = await control.fleet.vps.delete({ vpsId, actor: ACTOR });
    expect(await ended(control.fleet, jobId)).toMatchObject({ state: "stuck", committed: true });
    agent.before.clear();
    expect(await retry(jobId)).toEqual({ jobId });
    expect(await ended(control.fleet, jobId)).toMatchObject({ state: "succeeded", error: null, advice: null });
    await expect(control.fleet.vps.get(vpsId)).rejects.toMatchObject({ code: "not_found" });
  });

  test("holds the VPS again: it is refused while another job holds it, and ends when that one has removed it", async () => {
    agent.before.set("startVps", fails);
    agent.before.set("deleteVps", fails);
    const { jobId, vpsId } = await create();
    expect((await ended(control.fleet, jobId)).state).toBe("stuck");
    const gate = Promise.withResolvers<void>();
    agent.before.set("deleteVps", () => gate.promise);
    const { jobId: deleting } = await control.fleet.vps.delete({ vpsId, actor: ACTOR });
    await expect(retry(jobId)).rejects.toMatchObject({ code: "busy", message: expect.stringContaining(deleting) });
    expect((await control.fleet.jobs.get(jobId)).resumedBy).toBeNull();
    gate.resolve();
    expect((await ended(control.fleet, deleting)).state).toBe("succeeded");
    await eventually(async () => (await control.fleet.jobs.get(jobId)).state === "failed");
  });

  test("of an import that failed imports again", async () => {
    agent.before.set("importTemplate", fails);
    const { jobId } = await templateImport("debian");
    expect((await ended(control.fleet, jobId)).state).toBe("failed");
    agent.before.clear();
    const again = await retry(jobId);
    expect(await ended(control.fleet, again.jobId)).toMatchObject({ state: "succeeded", retryOf: jobId });
  });
});

test("a VPS that is held by a job that is over is released by itself", async () => {
  const vpsId = await created();
  const { holdingJobId } = await database.prisma.vps.update({
    where: { id: vpsId },
    data: { holdingJobId: "j0000000000", holdingOperation: "vps.stop" },
  });
  expect(holdingJobId).toBe("j0000000000");
  await eventually(async () => (await control.fleet.vps.get(vpsId)).holdingJob === null);
});

test("progress comes from the agent to the watcher in real units, and never goes back", async () => {
  const gate = Promise.withResolvers<void>();
  agent.before.set("importTemplate", () => gate.promise);
  const stop = new AbortController();
  const seen: string[] = [];
  const watching = (async () => {
    for await (const { job } of control.fleet.jobs.watch({ afterEventId: null }, stop.signal))
      if (job.progress !== null) seen.push(`${job.progress.phase} ${job.progress.done}`);
  })();
  const { jobId } = await templateImport("alpine");
  const says = (phase: string, done: number) => {
    agent.progressNow = { phase, done, total: 1_000, unit: "bytes" };
  };
  const isAskedTwice = async () => {
    const before = agent.progressAsked;
    await eventually(() => agent.progressAsked >= before + 2);
  };
  says("check", 400);
  await eventually(() => seen.includes("check 400"));
  says("unpack", 100);
  await eventually(() => seen.includes("unpack 100"));
  // An agent that was started again begins at the beginning.
  says("check", 500);
  await isAskedTwice();
  says("unpack", 50);
  await isAskedTwice();
  says("unpack", 900);
  await eventually(() => seen.includes("unpack 900"));
  expect([...new Set(seen)]).toEqual(["check 400", "unpack 100", "unpack 900"]);
  const events = await database.prisma.jobEvent.count({ where: { jobId, state: "progress" } });
  expect(events).toBe(1);
  gate.resolve();
  expect((await ended(control.fleet, jobId)).progress).toBeNull();
  agent.progressNow = null;
  stop.abort();
  await watching;
});
