/** PostgreSQL is stopped in the middle of work: calls say so, nothing is lost, and the work goes on when it is back. */
import { chmod, rm } from "node:fs/promises";
import { join } from "node:path";
import { deploy } from "@muster/db/migrate";
import { startTestPostgres, type TestPostgres } from "@muster/db/testing/postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestFleet, ended, eventually, runVps, specOn, type TestFleet, type TestNode } from "./fleet.ts";
import { expectRefusal } from "./refusal.ts";
import { makeScratch } from "./scratch.ts";

let directory: string;
let postgres: TestPostgres;
let fleet: TestFleet;
let node: TestNode;

beforeAll(async () => {
  directory = await makeScratch("gone");
  await chmod(directory, 0o711); // PostgreSQL runs as nobody and has to pass
  postgres = await startTestPostgres(join(directory, "postgres"));
  const databaseUrl = postgres.url.replace(/\/postgres$/, "/muster");
  await deploy(databaseUrl);
  fleet = await createTestFleet({ databaseUrl });
  node = await fleet.addNode("sim-01");
});
afterAll(async () => {
  await postgres?.start();
  await fleet?.close();
  await postgres?.stop();
  await rm(directory, { recursive: true, force: true });
});

test("a job that was under way ends well after the database is back, and VPSs never noticed", async () => {
  const running = await runVps(fleet, node, specOn(node, "unimpressed", 10));
  const spec = specOn(node, "sim-slow-create-2s", 11);
  const { jobId, vpsId } = await fleet.api().vps.create({ nodeId: node.nodeId, spec });
  await eventually("the node is at work", async () =>
    (await node.host.node().listVps()).some((status) => status.vpsId === vpsId),
  );

  await postgres.stop();
  await expectRefusal(fleet.api().vps.list({ limit: 10 }), "database_unavailable");
  await expectRefusal(
    fleet.api().vps.create({ nodeId: node.nodeId, spec: specOn(node, "hopeless", 12) }),
    "database_unavailable",
  );
  expect(await fleet.fleet().health()).toMatchObject({ database: "unavailable" });
  // Long enough for the node to be done while nobody could write it down.
  await eventually("the node has made it", async () =>
    (await node.host.node().listVps()).some((status) => status.vpsId === vpsId && status.state !== "preparing"),
  );

  await postgres.start();
  const job = await ended(fleet.fleet(), jobId, 60_000);
  expect([job.state, job.error]).toEqual(["succeeded", null]);
  await eventually("both run", async () => {
    const states = await Promise.all([running, vpsId].map((id) => fleet.api().vps.get({ vpsId: id })));
    return states.every((vps) => vps.state === "running");
  });
  expect((await fleet.api().vps.list({ search: "hopeless", limit: 10 })).total).toBe(0);
  await runVps(fleet, node, specOn(node, "afterwards", 13));
});
