/** Several servers on one database: each node is followed by one of them, and by another when that one is gone. */
import { randomUUID } from "node:crypto";
import type { Database } from "@muster/db/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createFleet } from "../create-fleet.ts";
import type { Fleet } from "../fleet.ts";
import { testDatabaseAt } from "../testing/database-access.ts";
import { TEST_CA_PEM } from "../testing/test-ca.ts";
import { ACTOR, createTestFleet, ended, eventually, spec, type TestFleet } from "../testing/test-fleet.ts";

const NODES = 4;

let control: TestFleet;
let nodeIds: string[];
let database: Database;

beforeAll(async () => {
  control = await createTestFleet({ serverId: "one" });
  database = testDatabaseAt(control.url);
  const networks = Array.from({ length: NODES }, (_, index) => `10.${90 + index}.0.0/24`);
  const added = await Promise.all(networks.map((network, index) => control.addNode(`node-${index}`, network)));
  nodeIds = added.map(({ nodeId }) => nodeId);
});
afterAll(async () => {
  await database.close();
  await control.close();
});

/** How many nodes each server follows, by its id; `nobody` where no lease stands. */
async function shares(): Promise<Record<string, number>> {
  const servers = await database.prisma.server.findMany({ select: { id: true, incarnation: true } });
  const nodes = await database.prisma.node.findMany({ select: { watchedBy: true } });
  const idOf = new Map(servers.map(({ id, incarnation }) => [incarnation, id]));
  const counts: Record<string, number> = {};
  for (const { watchedBy } of nodes) {
    const id = idOf.get(watchedBy ?? "") ?? "nobody";
    counts[id] = (counts[id] ?? 0) + 1;
  }
  return counts;
}

const become = (wanted: Record<string, number>) =>
  eventually(async () => {
    const now = await shares();
    return JSON.stringify(Object.entries(now).sort()) === JSON.stringify(Object.entries(wanted).sort());
  });

const healthOf = async (nodeId: string) => (await control.fleet.nodes.get(nodeId)).health;

async function anotherServer(serverId: string): Promise<{ fleet: Fleet; close(): Promise<void> }> {
  const own = testDatabaseAt(control.url);
  const connect = ({ id }: { id: string }) => {
    const agent = control.agents.get(id);
    if (agent === undefined) throw new Error("there is no such agent");
    return agent;
  };
  const credentials = { caPem: TEST_CA_PEM, certificatePem: "", keyPem: "" };
  const fleet = await createFleet({ database: own, credentials, serverId, connect });
  const close = async () => {
    await fleet.close();
    await own.close();
  };
  return { fleet, close };
}

test("servers that come share the nodes evenly, one that goes leaves its own to the others; none is ever unheard", async () => {
  await become({ one: 4 });
  let unheard = 0;
  let looking = true;
  const look = async () => {
    while (looking) {
      for (const { health } of await control.fleet.nodes.list()) if (health !== "healthy") unheard += 1;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const looked = look();
  const two = await anotherServer("two");
  await become({ one: 2, two: 2 });
  const three = await anotherServer("three");
  await eventually(
    async () => Object.values(await shares()).every((count) => count <= 2) && "three" in (await shares()),
  );
  await two.close();
  await become({ one: 2, three: 2 });
  await three.close();
  await become({ one: 4 });
  looking = false;
  await looked;
  expect(unheard).toBe(0);
});

test("what a server that died had followed is unknown until another takes it over, which it does when the lease ends", async () => {
  const [nodeId = ""] = nodeIds;
  const request = { nodeId, spec: spec({ address: "10.90.0.20" }), start: true, actor: ACTOR };
  const { jobId, vpsId } = await control.fleet.vps.create(request);
  await ended(control.fleet, jobId);
  const incarnation = randomUUID();
  await database.prisma.server.create({ data: { id: "dead", incarnation }, select: { id: true } });
  // As a server leaves it that was killed: a lease that stands, and nobody who asks the node. It ends when the test says.
  await database.prisma.$executeRaw`
    UPDATE node SET watched_by = ${incarnation}, watched_until = clock_timestamp() + INTERVAL '1 hour'
    WHERE id = ${nodeId}`;
  await eventually(async () => (await healthOf(nodeId)) === "unknown");
  expect(await shares()).toMatchObject({ dead: 1 });
  await control.agents
    .get(nodeId)
    ?.stopVps({ key: "unheard", vpsId, epoch: 1, graceMs: 0 }, new AbortController().signal);
  expect((await control.fleet.vps.get(vpsId)).state).toBe("unknown");
  await database.prisma.$executeRaw`UPDATE node SET watched_until = clock_timestamp() WHERE id = ${nodeId}`;
  await eventually(async () => (await healthOf(nodeId)) === "healthy");
  await eventually(async () => (await control.fleet.vps.get(vpsId)).state === "stopped");
  await become({ one: 4 });
});

test("a server that starts again under its id goes on with its nodes at once", async () => {
  await database.prisma.$executeRaw`UPDATE node SET watched_until = clock_timestamp() + INTERVAL '1 hour'`;
  await database.prisma.$executeRaw`UPDATE server SET incarnation = ${randomUUID()} WHERE id = 'one'`;
  const again = await anotherServer("one");
  await become({ one: 4 });
  await again.close();
});
