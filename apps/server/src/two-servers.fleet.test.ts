/**
 * A second server beside the first: the same database, the same authority, a data directory of its own. Both are real
 * processes; one is killed as nobody should.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient, type MusterClient } from "@muster/client";
import { waitForJob } from "@muster/client/wait-for-job";
import { systemClock } from "@muster/control/clock";
import { databaseAccess } from "@muster/control/database-access";
import { createTokenStore } from "@muster/control/tokens/store";
import { createFirstRun } from "@muster/control/tokens/tokens";
import { type Database, openDatabase } from "@muster/db/client";
import { createTestDatabase, type TestDatabase } from "@muster/db/testing/database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { callOf, freePort, joinSimulatedNode, resultOf, signIn } from "./test-server.ts";

interface Server {
  child: ChildProcess;
  muster: MusterClient;
}
type Ports = { port: number; enrolPort: number };

const NETWORKS = [1, 2].map((third) => ({
  ...{ bridge: "muster0", network: `10.90.${third}.0/24`, gateway: `10.90.${third}.1` },
}));
/** A lease stands for 6 s; the rest is for two slow cores. */
const TAKEN_OVER_WITHIN_MS = 20_000;

let directory: string;
let own: TestDatabase;
let database: Database;
let apiKey: string;
let first: Server;
let second: Server;
const children: ChildProcess[] = [];
const nodes: Awaited<ReturnType<typeof joinSimulatedNode>>[] = [];
const vpsIds: string[] = [];

/** @param name of its data directory. */
async function start(name: string): Promise<{ child: ChildProcess; url: string } & Ports> {
  const [port, enrolPort] = [await freePort(), await freePort()];
  const env = {
    PATH: process.env["PATH"] ?? "",
    DATABASE_URL: own.url,
    MUSTER_DATA_DIR: join(directory, name),
    MUSTER_SERVER_LISTEN: `127.0.0.1:${port}`,
    MUSTER_ENROL_LISTEN: `127.0.0.1:${enrolPort}`,
    MUSTER_PUBLIC_URL: `http://127.0.0.1:${port}`,
    MUSTER_LOG_LEVEL: "error",
  };
  const child = fork(join(import.meta.dirname, "main.ts"), {
    env,
    execArgv: [],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  children.push(child);
  const [message] = await once(child, "message");
  expect(message).toMatchObject({ ready: true });
  return { child, url: `http://127.0.0.1:${port}`, port, enrolPort };
}

async function startSecond(): Promise<Server> {
  const { child, url } = await start("two");
  return { child, muster: createClient({ url, apiKey }) };
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "muster-two-servers-"));
  own = await createTestDatabase();
  database = openDatabase(own.url);
  const { child, url, enrolPort } = await start("one");
  const call = callOf(url);
  const token = await createFirstRun(createTokenStore(databaseAccess(database), systemClock)).issueToken();
  const cookie = await signIn(url, call, token ?? "");
  const made = await call("apiKeys.create", { name: "test" }, { cookie });
  apiKey = resultOf(made.body, z.object({ key: z.string() })).key;
  first = { child, muster: createClient({ url, apiKey }) };
  for (const [index, network] of NETWORKS.entries()) {
    const dataDir = join(directory, `sim-${index}`);
    nodes.push(await joinSimulatedNode({ muster: first.muster, enrolPort, dataDir, network }));
  }
  // How the README says that a second server is set up: the authority and the cookies' secret are copied to it.
  await mkdir(join(directory, "two", "server"), { recursive: true });
  for (const file of ["authority.pem", "cookie-secret"]) {
    await copyFile(join(directory, "one", "server", file), join(directory, "two", "server", file));
  }
  second = await startSecond();
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  for (const node of nodes) await node.close();
  await database.close();
  await own.drop();
  await rm(directory, { recursive: true, force: true });
});

const healthOf = async ({ muster }: Server, nodeId: string) => (await muster.nodes.get.query({ nodeId })).health;
const stateOf = async ({ muster }: Server, vpsId: string) => (await muster.vps.get.query({ vpsId })).state;

/** Which server follows each node, by the incarnations of the servers in the order of their start. */
async function followers(): Promise<number[]> {
  const servers = await database.prisma.server.findMany({
    select: { incarnation: true },
    orderBy: { startedAt: "asc" },
  });
  const rows = await database.prisma.node.findMany({ select: { watchedBy: true }, orderBy: { name: "asc" } });
  return rows.map(({ watchedBy }) => servers.findIndex(({ incarnation }) => incarnation === watchedBy));
}
const evenly = { timeout: TAKEN_OVER_WITHIN_MS };

test("two servers share the nodes, and both show and change all of them", async () => {
  for (const [index, { nodeId }] of nodes.entries()) {
    await expect.poll(() => healthOf(first, nodeId), { timeout: 15_000 }).toBe("healthy");
    const { address } = await first.muster.vps.suggestAddress.query({ nodeId });
    const spec = { name: `web-${index}`, template: "busybox", address: address ?? "", limits: {} };
    const { jobId, vpsId } = await first.muster.vps.create.mutate({ nodeId, spec });
    await waitForJob(first.muster, jobId);
    vpsIds.push(vpsId);
  }
  await expect.poll(async () => (await followers()).toSorted(), evenly).toEqual([0, 1]);
  for (const server of [first, second]) {
    for (const [index, { nodeId }] of nodes.entries()) {
      expect(await healthOf(server, nodeId)).toBe("healthy");
      expect(await stateOf(server, vpsIds[index] ?? "")).toBe("running");
    }
  }
  for (const vpsId of vpsIds) {
    await waitForJob(second.muster, (await second.muster.vps.restart.mutate({ vpsId })).jobId);
    await expect.poll(() => stateOf(first, vpsId)).toBe("running");
  }
});

test("one is killed: the other takes its node over, and what happened there meanwhile is not lost", async () => {
  const [at = 0] = (await followers()).flatMap((server, node) => (server === 1 ? [node] : []));
  const [node, vpsId = ""] = [nodes[at], vpsIds[at]];
  second.child.kill("SIGKILL");
  await once(second.child, "exit");
  await node?.agent.stopVps({ key: "unseen", vpsId, epoch: 1, graceMs: 0 }, new AbortController().signal);
  await expect.poll(() => followers(), evenly).toEqual([0, 0]);
  await expect.poll(() => stateOf(first, vpsId), evenly).toBe("stopped");
  expect(await healthOf(first, node?.nodeId ?? "")).toBe("healthy");
  await waitForJob(first.muster, (await first.muster.vps.start.mutate({ vpsId })).jobId);
});

test("it comes back under its own name and has its share again; at its orderly end the other has all, and no node is missed", async () => {
  second = await startSecond();
  await expect.poll(async () => new Set(await followers()).size, evenly).toBe(2);
  expect(await database.prisma.server.count()).toBe(2);
  second.child.kill("SIGTERM");
  const unheard: string[] = [];
  const look = async () => {
    for (const { nodeId } of nodes) if ((await healthOf(first, nodeId)) !== "healthy") unheard.push(nodeId);
    return new Set(await followers());
  };
  await expect.poll(look, evenly).toEqual(new Set([0]));
  expect(unheard).toEqual([]);
});
