import { afterAll, beforeAll, expect, test } from "vitest";
import type { FleetChange, JobChange } from "../fleet.ts";
import { ACTOR, createTestFleet, ended, eventually, spec, type TestFleet } from "../testing/test-fleet.ts";

let control: TestFleet;
let nodeId: string;

beforeAll(async () => {
  control = await createTestFleet();
  ({ nodeId } = await control.addNode("alpha"));
});
afterAll(() => control.close());

async function collect<Item>(items: AsyncIterable<Item>, into: Item[]): Promise<void> {
  for await (const item of items) into.push(item);
}

const create = (name: string, address: string) =>
  control.fleet.vps.create({ nodeId, spec: spec({ name, address }), start: true, actor: ACTOR });

test("a watcher sees a job's steps as they happen, and its end", async () => {
  const stop = new AbortController();
  const seen: JobChange[] = [];
  const watching = collect(control.fleet.jobs.watch({ afterEventId: null }, stop.signal), seen);
  const { jobId } = await create("watched", "10.83.0.30");
  await ended(control.fleet, jobId);
  await eventually(() => seen.some(({ job }) => job.id === jobId && job.state === "succeeded"));
  stop.abort();
  await watching;
  expect(seen.every(({ job }) => job.id === jobId)).toBe(true);
});

test("a watcher that was cut off goes on where it was: it is told what ended meanwhile", async () => {
  const first = new AbortController();
  const before: JobChange[] = [];
  const watching = collect(control.fleet.jobs.watch({ afterEventId: null }, first.signal), before);
  const { jobId: one } = await create("before", "10.83.0.31");
  await eventually(() => before.some(({ job }) => job.id === one && job.state === "succeeded"));
  first.abort();
  await watching;
  const { jobId: two } = await create("meanwhile", "10.83.0.32");
  await ended(control.fleet, two);
  const second = new AbortController();
  const after: JobChange[] = [];
  const lastId = before.at(-1)?.id ?? null;
  const again = collect(control.fleet.jobs.watch({ afterEventId: lastId }, second.signal), after);
  await eventually(() => after.some(({ job }) => job.id === two && job.state === "succeeded"));
  second.abort();
  await again;
});

test("the fleet's watcher is told of a VPS that comes and of a node that falls silent", async () => {
  const { nodeId: otherId, agent } = await control.addNode("beta", "10.86.0.0/24");
  const stop = new AbortController();
  const seen: FleetChange[] = [];
  const watching = collect(control.fleet.watch(stop.signal), seen);
  await eventually(async () => {
    await control.fleet.tree();
    return true;
  });
  const { vpsId, jobId } = await create("told", "10.83.0.33");
  await eventually(() => seen.some((change) => change.nodeId === nodeId && change.vpsId === vpsId));
  await ended(control.fleet, jobId);
  agent.alive = false;
  await eventually(async () => (await control.fleet.nodes.get(otherId)).health === "unknown");
  await eventually(() => seen.some((change) => change.nodeId === otherId && change.vpsId === null));
  agent.alive = true;
  stop.abort();
  await watching;
});

test("jobs are listed newest first, page by page, and only those that are asked for", async () => {
  const all = await control.fleet.jobs.list({ limit: 100 });
  const first = await control.fleet.jobs.list({ limit: 2 });
  const second = await control.fleet.jobs.list({ limit: 2, ...(first.nextCursor && { cursor: first.nextCursor }) });
  expect([...first.items, ...second.items].map((job) => job.id)).toEqual(all.items.slice(0, 4).map((job) => job.id));
  expect(first.total).toBe(all.items.length);
  expect((await control.fleet.jobs.list({ limit: 10, active: true })).items).toEqual([]);
  await expect(control.fleet.jobs.list({ limit: 10, cursor: "x" })).rejects.toMatchObject({ code: "invalid_input" });
  await expect(control.fleet.jobs.get("j0000000000")).rejects.toMatchObject({ code: "not_found" });
});
