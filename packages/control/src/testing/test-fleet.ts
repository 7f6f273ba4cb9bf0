/** The control plane on a database of its own, with nodes of fake agents that have enrolled and been heard. */
import { JOB_ENDED, type Job } from "@muster/model/job";
import { type LimitsChange, limitsWith } from "@muster/model/limits/registry";
import { MIB } from "@muster/model/units";
import type { VpsSpec } from "@muster/model/vps";
import { createFleet, type FleetOptions } from "../create-fleet.ts";
import type { Fleet } from "../fleet.ts";
import { testDatabase } from "./database-access.ts";
import { createFakeAgent, type FakeAgent, fakeInventory } from "./fake-agent.ts";
import { TEST_CA_PEM } from "./test-ca.ts";

export interface TestFleet {
  fleet: Fleet;
  url: string;
  agents: Map<string, FakeAgent>;
  addNode(hostname: string, network?: string): Promise<{ nodeId: string; agent: FakeAgent }>;
  /** A fleet of the same database, as a server that was started again. */
  restart(): Promise<void>;
  /** Another server of the same database, in this process, with the same agents. */
  join(serverId: string): Promise<Fleet>;
  close(): Promise<void>;
}

export const ACTOR = "ada@example.org";

export type SpecOverrides = Partial<Omit<VpsSpec, "limits">> & { limits?: LimitsChange };

export function spec({ limits, ...overrides }: SpecOverrides = {}): VpsSpec {
  const small = { "cpu.cores": 0.5, "memory.max": 64 * MIB, "disk.max": 256 * MIB, "pids.max": 256 };
  return {
    name: "web-1",
    template: "busybox",
    address: "10.83.0.10",
    limits: limitsWith({ ...small, ...limits }),
    ...overrides,
  };
}

/** @param through makes another URL of the database's: a proxy that a test can cut. */
export async function createTestFleet(
  options: Partial<FleetOptions> = {},
  through: (url: string) => Promise<string> = async (url) => url,
): Promise<TestFleet> {
  const { url: directUrl, drop, open } = await testDatabase();
  const url = await through(directUrl);
  let database = open(url);
  const joined: { close(): Promise<void> }[] = [];
  const agents = new Map<string, FakeAgent>();
  const start = (own: Partial<FleetOptions> = {}) =>
    createFleet({
      database,
      credentials: { caPem: TEST_CA_PEM, certificatePem: "", keyPem: "" },
      connect: ({ id }) => {
        const agent = agents.get(id) ?? createFakeAgent({ nodeId: id });
        agents.set(id, agent);
        return agent;
      },
      ...options,
      ...own,
    });
  const test: TestFleet = {
    fleet: await start(),
    url,
    agents,
    addNode: (hostname, network = "10.83.0.0/24") => addNode(test, hostname, network),
    restart: async () => {
      await test.fleet.close();
      await database.close();
      database = open(url);
      test.fleet = await start();
    },
    join: async (serverId) => {
      const itsOwn = open(url);
      const fleet = await start({ database: itsOwn, serverId });
      joined.push(fleet, itsOwn);
      return fleet;
    },
    close: async () => {
      await test.fleet.close();
      for (const one of joined) await one.close();
      await database.close();
      await drop();
    },
  };
  return test;
}

async function addNode({ fleet, agents }: TestFleet, hostname: string, network: string) {
  const { token } = await fleet.enrolment.createToken({ actor: ACTOR });
  const gateway = network.replace(/0\/\d+$/, "1");
  const claim = { token, publicKeySha256: hostname, hostname, address: "127.0.0.1:1", simulated: false };
  const { nodeId } = await fleet.enrolment.claim(claim, async (id) => {
    const inventory = fakeInventory({ hostname, network: { bridge: "muster0", network, gateway } });
    agents.set(id, createFakeAgent({ nodeId: id, inventory }));
    return "certificate";
  });
  await eventually(async () => {
    const node = await fleet.nodes.get(nodeId);
    return node.health === "healthy" && node.templates.length > 0;
  });
  const agent = agents.get(nodeId);
  if (agent === undefined) throw new Error("the node has no agent");
  return { nodeId, agent };
}

/** Waits for a state, never for a time. */
export async function eventually(condition: () => Promise<boolean> | boolean, withinMs = 15_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error("it did not come to be in time");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export async function ended(fleet: Fleet, jobId: string, withinMs = 20_000): Promise<Job> {
  let job = await fleet.jobs.get(jobId);
  await eventually(async () => {
    job = await fleet.jobs.get(jobId);
    return JOB_ENDED[job.state];
  }, withinMs);
  return job;
}
