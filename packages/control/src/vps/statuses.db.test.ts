/** Statuses that come at once, as a busy node tells them: one statement writes them all. */
import { openDatabase } from "@muster/db/client";
import type { PlacementStatus } from "@muster/model/vps";
import { afterAll, beforeAll, expect, test } from "vitest";
import { databaseAccess } from "../database-access.ts";
import { ACTOR, createTestFleet, ended, spec, type TestFleet } from "../testing/test-fleet.ts";
import { createStatusStore } from "./status-store.ts";

let control: TestFleet;
let nodeId: string;

beforeAll(async () => {
  control = await createTestFleet();
  ({ nodeId } = await control.addNode("alpha"));
});
afterAll(() => control.close());

async function made(number: number): Promise<PlacementStatus> {
  const request = { spec: spec({ name: `web-${number}`, address: `10.83.0.1${number}` }), nodeId, actor: ACTOR };
  const { jobId, vpsId } = await control.fleet.vps.create({ ...request, start: false });
  expect((await ended(control.fleet, jobId)).state).toBe("succeeded");
  const { status } = await control.fleet.vps.get(vpsId);
  if (status === null) throw new Error("its node has not told of it");
  return status;
}

test("of each VPS the newest is taken, whatever came beside it, and the late ones are told so", async () => {
  const [one, other] = [await made(1), await made(2)];
  const database = openDatabase(control.url);
  const { applyStatus } = createStatusStore(databaseAccess(database));
  const first = applyStatus(nodeId, one); // alone; the others come while it is under way
  const startedAtMs = 1_790_000_000_123;
  const taken = await Promise.all([
    applyStatus(nodeId, { ...one, statusSeq: 1_002, state: "running", startedAtMs, diskUsedBytes: 7 }),
    applyStatus(nodeId, { ...one, statusSeq: 1_001, state: "broken", reason: "It is late." }),
    applyStatus(nodeId, { ...other, statusSeq: 0, state: "broken", reason: "It is late too." }),
    applyStatus("nelsewhere0", { ...other, statusSeq: 2_000, state: "broken", reason: "It is not from its node." }),
    applyStatus(nodeId, { ...other, statusSeq: 1_003, reason: "As it said." }),
  ]);
  expect([await first, ...taken]).toEqual([false, true, false, false, false, true]);
  const { status } = await control.fleet.vps.get(one.vpsId);
  expect(status).toEqual({ ...one, statusSeq: 1_002, state: "running", startedAtMs, diskUsedBytes: 7 });
  expect((await control.fleet.vps.get(other.vpsId)).status).toEqual({
    ...other,
    statusSeq: 1_003,
    reason: "As it said.",
  });
  await database.close();
});
