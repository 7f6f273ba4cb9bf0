/**
 * The whole product in one process, but for the browser: API, control plane, a database of its own, and simulated
 * nodes behind the real wire (mutual TLS on loopback). What a test of bad luck needs is here: nodes that are killed or
 * fall silent, a server that is started again, a database that goes away.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createTestAuthority, type TestAuthority } from "@muster/agent-api/test-authority";
import type { Context } from "@muster/api/context";
import { appRouter } from "@muster/api/root";
import { contextOf } from "@muster/api/test-context";
import { type Clock, systemClock } from "@muster/control/clock";
import { createFleet } from "@muster/control/create-fleet";
import type { Fleet } from "@muster/control/fleet";
import { openDatabase } from "@muster/db/client";
import { createTestDatabase } from "@muster/db/testing/database";
import { JOB_ENDED, type Job } from "@muster/model/job";
import { GIB, MIB } from "@muster/model/units";
import type { VpsSpec } from "@muster/model/vps";
import { makeScratch } from "./scratch.ts";
import { createSimulatedHost, type SimulatedHost } from "./simulated-host.ts";

export type Api = ReturnType<typeof appRouter.createCaller>;

export interface TestNode {
  nodeId: string;
  host: SimulatedHost;
}

export interface TestFleet {
  /** The control plane behind the API; another after `restart`. */
  fleet(): Fleet;
  /** The procedures, as the administrator calls them: parsed in and out. */
  api(): Api;
  addNode(name: string, latencyScale?: number): Promise<TestNode>;
  /** Ends the server and starts it again on the same database. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface TestFleetOptions {
  /** Given by a test that stops its PostgreSQL; otherwise one is cloned from the template and dropped. */
  databaseUrl?: string;
  /** The server's; its nodes keep their own time. */
  clock?: Clock;
}

const ADMINISTRATOR = "ada@example.org";

interface Server {
  fleet: Fleet;
  close(): Promise<void>;
}

async function startServer(url: string, authority: TestAuthority, clock: Clock): Promise<Server> {
  const database = openDatabase(url);
  const credentials = await authority.issue("muster-server");
  const fleet = await createFleet({ database, credentials, clock });
  return {
    fleet,
    close: async () => {
      await fleet.close();
      await database.close();
    },
  };
}

const contextFor = (fleet: Fleet): Context => contextOf({ fleet, signedIn: true });

export async function createTestFleet(options: TestFleetOptions = {}): Promise<TestFleet> {
  const { databaseUrl, clock = systemClock } = options;
  const database =
    databaseUrl === undefined ? await createTestDatabase() : { url: databaseUrl, drop: async () => undefined };
  const directory = await makeScratch("fleet");
  const authority = await createTestAuthority();
  let server = await startServer(database.url, authority, clock);
  const hosts: SimulatedHost[] = [];

  async function addNode(name: string, latencyScale = 0): Promise<TestNode> {
    const { fleet } = server;
    const third = 100 + hosts.length;
    const network = { bridge: "muster0", network: `10.90.${third}.0/24`, gateway: `10.90.${third}.1` };
    const host = await createSimulatedHost({ name, network, dataDir: join(directory, name), latencyScale });
    hosts.push(host);
    const { token } = await fleet.enrolment.createToken({ actor: ADMINISTRATOR });
    const claim = { token, publicKeySha256: name, hostname: name, address: host.address, simulated: true };
    const { nodeId } = await fleet.enrolment.claim(claim, async (id) => {
      const credentials = await authority.issue(id);
      await host.boot({ nodeId: id, credentials });
      return credentials.certificatePem;
    });
    await eventually(`${name} is healthy`, async () => {
      const node = await fleet.nodes.get(nodeId);
      return node.health === "healthy" && node.templates.length > 0 && node.inventory !== null;
    });
    return { nodeId, host };
  }

  return {
    fleet: () => server.fleet,
    api: () => appRouter.createCaller(contextFor(server.fleet)),
    addNode,
    restart: async () => {
      await server.close();
      server = await startServer(database.url, authority, clock);
    },
    close: async () => {
      await server.close();
      await Promise.all(hosts.map((host) => host.close()));
      await database.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A small VPS on that node. @param place the last octet of its address, or that and whatever else is to be different. */
export function specOn(
  { host }: TestNode,
  name: string,
  place: number | ({ last: number } & Partial<VpsSpec>),
): VpsSpec {
  const { last, ...over } = typeof place === "number" ? { last: place } : place;
  const address = host.network.replace(/\.0\/24$/, `.${last}`);
  const resources = { cpuCores: 0.5, memoryBytes: 64 * MIB, diskBytes: GIB, pidsMax: 128 };
  return { name, template: "busybox", address, ...resources, ...over };
}

/** Waits for a state, never for a time. */
export async function eventually(what: string, condition: () => Promise<boolean>, withinMs = 20_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** The job as it ended. */
export async function ended(fleet: Fleet, jobId: string, withinMs = 30_000): Promise<Job> {
  let job = await fleet.jobs.get(jobId);
  await eventually(
    `job ${jobId} ends`,
    async () => {
      job = await fleet.jobs.get(jobId);
      return JOB_ENDED[job.state];
    },
    withinMs,
  );
  return job;
}

/** Creates and starts a VPS, and waits until it runs. */
export async function runVps(test: TestFleet, node: TestNode, spec: VpsSpec): Promise<string> {
  const { jobId, vpsId } = await test.api().vps.create({ nodeId: node.nodeId, spec });
  const job = await ended(test.fleet(), jobId);
  if (job.state !== "succeeded") throw new Error(`The VPS was not made: ${job.error?.message}`);
  return vpsId;
}
