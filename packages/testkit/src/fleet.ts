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
import { createFleet, type FleetOptions } from "@muster/control/create-fleet";
import type { Fleet } from "@muster/control/fleet";
import { openDatabase } from "@muster/db/client";
import { createTestDatabase } from "@muster/db/testing/database";
import { JOB_ENDED, type Job } from "@muster/model/job";
import { type LimitsChange, limitsWith } from "@muster/model/limits/registry";
import { GIB, MIB } from "@muster/model/units";
import type { VpsSpec } from "@muster/model/vps";
import type { Machine } from "./exams/machine.ts";
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
  /** Of the database and the authority, for a server in a process of its own. */
  databaseUrl: string;
  authority: TestAuthority;
  /** A machine whose agent has not joined yet. */
  newHost(name: string, latencyScale?: number): Promise<SimulatedHost>;
  addNode(name: string, latencyScale?: number): Promise<TestNode>;
  /** Has a machine join; returns its id once it is healthy. */
  join(machine: Machine): Promise<string>;
  stop(): Promise<void>;
  start(over?: ServerOptions): Promise<void>;
  /** Ends the server and starts it again on the same database. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** What a server of this fleet may have of its own. */
export type ServerOptions = Pick<FleetOptions, "clock" | "serverId" | "hooks">;

export interface TestFleetOptions extends ServerOptions {
  /** Given by a test that stops its PostgreSQL; otherwise one is cloned from the template and dropped. */
  databaseUrl?: string;
  /** Of whose certificates machines outside know; otherwise one of its own. */
  authority?: TestAuthority | undefined;
}

/** 10.90.x.0/24, one for each machine. */
const FIRST_NETWORK = 100;
const JOINED_WITHIN_MS = 60_000;
const ADMINISTRATOR = "ada@example.org";

interface Server {
  fleet: Fleet;
  close(): Promise<void>;
}

async function startServer(url: string, authority: TestAuthority, options: ServerOptions): Promise<Server> {
  const database = openDatabase(url);
  const credentials = await authority.issue("muster-server");
  const fleet = await createFleet({ database, credentials, ...options });
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
  const { databaseUrl, authority = await createTestAuthority(), ...serverOptions } = options;
  const database =
    databaseUrl === undefined ? await createTestDatabase() : { url: databaseUrl, drop: async () => undefined };
  const directory = await makeScratch("fleet");
  let server = await startServer(database.url, authority, serverOptions);
  let started = serverOptions;
  const hosts: SimulatedHost[] = [];
  let networks = 0;

  async function newHost(name: string, latencyScale = 0): Promise<SimulatedHost> {
    const third = FIRST_NETWORK + networks;
    networks += 1;
    const network = { bridge: "muster0", network: `10.90.${third}.0/24`, gateway: `10.90.${third}.1` };
    const host = await createSimulatedHost({ name, network, dataDir: join(directory, name), latencyScale });
    hosts.push(host);
    return host;
  }

  const test: TestFleet = {
    fleet: () => server.fleet,
    api: () => appRouter.createCaller(contextFor(server.fleet)),
    databaseUrl: database.url,
    authority,
    newHost,
    addNode: async (name, latencyScale) => {
      const host = await newHost(name, latencyScale);
      return { host, nodeId: await enrol(server.fleet, authority, host) };
    },
    join: (machine) => enrol(server.fleet, authority, machine),
    stop: () => server.close(),
    start: async (over = started) => {
      started = over;
      server = await startServer(database.url, authority, over);
    },
    restart: async () => {
      await test.stop();
      await test.start();
    },
    close: async () => {
      await server.close();
      await Promise.all(hosts.map((host) => host.close()));
      await database.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return test;
}

async function enrol(fleet: Fleet, authority: TestAuthority, machine: Machine): Promise<string> {
  const { name, address, simulated } = machine;
  const { token } = await fleet.enrolment.createToken({ actor: ADMINISTRATOR });
  const claim = { token, publicKeySha256: name, hostname: name, address, simulated };
  const { nodeId } = await fleet.enrolment.claim(claim, async (id) => {
    const credentials = await authority.issue(id);
    await machine.boot({ nodeId: id, credentials });
    return credentials.certificatePem;
  });
  const isReady = async () => {
    const node = await fleet.nodes.get(nodeId);
    return node.health === "healthy" && node.templates.length > 0 && node.inventory !== null;
  };
  await eventually(`${name} is healthy`, isReady, JOINED_WITHIN_MS);
  return nodeId;
}

/** What is to be different from a small VPS; `last` is the last octet of its address. */
type Place = { last: number; limits?: LimitsChange } & Partial<Omit<VpsSpec, "limits">>;

/** A small VPS on that node. @param place the last octet of its address, or that and whatever else is to be different. */
export function specOn({ host }: TestNode, name: string, place: number | Place): VpsSpec {
  const { last, limits, ...over } = typeof place === "number" ? { last: place } : place;
  const address = host.network.replace(/\.0\/24$/, `.${last}`);
  const small = { "cpu.cores": 0.5, "memory.max": 64 * MIB, "disk.max": GIB, "pids.max": 128 };
  return { name, template: "busybox", address, limits: limitsWith({ ...small, ...limits }), ...over };
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
