/** A node that no server asks for says that it is there: who is believed, and what a server that lost its database does. */
import "reflect-metadata";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@muster/control/clock";
import { databaseAccess } from "@muster/control/database-access";
import { createTokenStore } from "@muster/control/tokens/store";
import { createEnrolment as createTokens } from "@muster/control/tokens/tokens";
import { type Database, openDatabase } from "@muster/db/client";
import { createTestDatabase, type TestDatabase } from "@muster/db/testing/database";
import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { type Authority, openAuthority } from "./authority.ts";
import { createEnrolment } from "./enrolment.ts";
import { announcingBody, newJoining, post } from "./test-node.ts";

const NODE_ID = "n0123456789";

let directory: string;
let own: TestDatabase;
let database: Database;
let authority: Authority;
let woken = 0;
const doors: FastifyInstance[] = [];

/** The door of a server on the database, started to adopt or not. */
async function door(adopt: boolean): Promise<number> {
  const tokens = createTokenStore(databaseAccess(database), systemClock);
  const runner = { wake: () => (woken += 1) };
  const parts = { tokens, clock: systemClock, caPem: authority.caPem, enrolUrl: "https://127.0.0.1:8082", runner };
  const enrolment = createTokens({ ...parts, adopt });
  const identity = await authority.issueListener();
  const app = createEnrolment({ authority, identity, enrolment, nowMs: Date.now, log: pino({ level: "silent" }) });
  doors.push(app);
  await app.listen({ host: "127.0.0.1", port: 0 });
  return z.object({ port: z.number() }).parse(app.server.address()).port;
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "muster-announce-"));
  own = await createTestDatabase();
  database = openDatabase(own.url);
  authority = await openAuthority(directory);
});
afterAll(async () => {
  for (const app of doors) await app.close();
  await database.close();
  await own.drop();
  await rm(directory, { recursive: true });
});

async function credentialsOf(nodeId: string, by = authority): Promise<{ cert: string; key: string }> {
  const { csrPem, keyPem } = await newJoining();
  return { cert: await by.signNode(nodeId, csrPem), key: keyPem };
}

const refused = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
const announce = (port: number, tls: object, body = announcingBody()) =>
  post(port, JSON.stringify(body), { path: "/announce", ...tls });
async function refusalOf(answer: ReturnType<typeof announce>) {
  const { status, body } = await answer;
  return [status, refused.parse(body).error.code];
}

test("nobody is believed without a certificate of this authority that is a node's", async () => {
  const port = await door(true);
  const stranger = await openAuthority(join(directory, "other"));
  const server = await authority.issueServer();
  expect(await refusalOf(announce(port, {}))).toEqual([401, "unauthenticated"]);
  expect(await refusalOf(announce(port, await credentialsOf(NODE_ID, stranger)))).toEqual([403, "forbidden"]);
  const asServer = { cert: server.certificatePem, key: server.keyPem };
  expect(await refusalOf(announce(port, asServer))).toEqual([403, "forbidden"]);
  const { cert } = await credentialsOf(NODE_ID);
  const { keyPem: otherKey } = await newJoining();
  await expect(announce(port, { cert, key: otherKey })).rejects.toThrow(/key values mismatch/);
  expect(await database.prisma.node.count()).toBe(0);
});

test("a node that is not in the inventory is told so, and how a lost database is found again", async () => {
  const { status, body } = await announce(await door(false), await credentialsOf(NODE_ID));
  expect(status).toBe(403);
  expect(refused.parse(body).error.message).toContain("start the server with --adopt");
  expect(await database.prisma.node.count()).toBe(0);
});

test("a server that was started to adopt gives it its place back under its own id, once, as a job", async () => {
  const port = await door(true);
  const credentials = await credentialsOf(NODE_ID);
  const [first, ...others] = await Promise.all(Array.from({ length: 5 }, () => announce(port, credentials)));
  const states = [first, ...others].map((answer) => z.object({ state: z.string() }).parse(answer?.body).state);
  expect(states.toSorted()).toEqual(["known", "known", "known", "known", "readmitted"]);
  const select = { id: true, name: true, address: true } as const;
  const nodes = await database.prisma.node.findMany({ select });
  expect(nodes).toEqual([{ id: NODE_ID, name: "host", address: "127.0.0.1:18499" }]);
  const jobs = await database.prisma.job.findMany({ select: { kind: true, actor: true, nodeId: true } });
  expect(jobs).toEqual([{ kind: "node.enrol", actor: "adopt", nodeId: NODE_ID }]);
  expect(woken).toBe(1);
  expect((await announce(await door(false), credentials)).body).toEqual({ state: "known" });
});

test("one that was removed on purpose is not taken back", async () => {
  const port = await door(true);
  const nodeId = "n9876543210";
  const about = { id: "jremoved001", kind: "node.remove", state: "succeeded", actor: "ada", nodeName: "gone" };
  await database.prisma.job.create({ data: { ...about, nodeId, input: {} }, select: { id: true } });
  const { status, body } = await announce(port, await credentialsOf(nodeId));
  expect(status).toBe(403);
  expect(refused.parse(body).error.message).toContain("it joins again with a new token");
});

test("what it says of itself is parsed as strictly as a joining node's", async () => {
  const port = await door(true);
  const tls = await credentialsOf(NODE_ID);
  expect(await refusalOf(announce(port, tls, { ...announcingBody(), address: "nowhere" }))).toEqual([
    400,
    "invalid_input",
  ]);
  expect(await refusalOf(announce(port, tls, { ...announcingBody(), protocolVersion: 99 }))).toEqual([
    412,
    "protocol_mismatch",
  ]);
});
