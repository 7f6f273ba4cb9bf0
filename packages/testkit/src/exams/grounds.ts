/** Where an exam is held: a fleet of simulated nodes, and what each trial needs to be there, made before it begins. */
import type { Agent } from "@muster/agent-api/agent";
import type { TestAuthority } from "@muster/agent-api/test-authority";
import { macOf } from "@muster/model/address";
import { newId } from "@muster/model/ids";
import type { JobKind } from "@muster/model/job";
import { expect } from "vitest";
import { createTestFleet, ended, eventually, type TestFleet } from "../fleet.ts";
import { atMost } from "./at-most.ts";
import { createDirector, type Director, UNDISTURBED } from "./director.ts";
import type { Machine } from "./machine.ts";
import { type Need, SCENARIOS } from "./scenarios.ts";
import { look, type Sight } from "./sight.ts";
import { type Boot, EXAMINER, type Subject, specOf, vpsOf } from "./subject.ts";

/** Of what is set up, not of what is examined. */
const SEEN_WITHIN_MS = 60_000;
const FOREVER = new AbortController().signal;
/** Machines that join at once take turns in the database, with a connection each: a whole exam's would wait too long. */
const JOIN_AT_ONCE = 4;
/** The first nine are left to people. */
const FIRST_PLACE = 10;

export interface Grounds {
  test: TestFleet;
  director: Director;
  /** What the kind of job needs is there. @param at which of the shared nodes, counted round and round. */
  subject(kind: JobKind, at: number): Promise<Subject>;
  sight(subject: Subject): Promise<Sight>;
  /** No machine has joined twice, and no VPS is in two places. */
  expectNothingTwice(): Promise<void>;
  hostOf(subject: Subject): Machine;
  bootOf(subject: Subject): Boot;
  close(): Promise<void>;
}

export interface GroundsOptions {
  /** The shared nodes; left out: so many simulated ones are made. */
  own?: readonly Machine[];
  /** Of whose certificates they know. */
  authority?: TestAuthority;
}

export async function createGrounds(nodeCount: number, { own = [], authority }: GroundsOptions = {}): Promise<Grounds> {
  const director = createDirector();
  const test = await createTestFleet({ serverId: "examined", hooks: { aroundStep: director.at }, authority });
  const names = Array.from({ length: nodeCount }, (_, index) => `shared-${index}`);
  const shared: Joined[] = [];
  for (const host of own) shared.push({ host, nodeId: await test.join(host) });
  const joining = atMost(JOIN_AT_ONCE);
  if (own.length === 0) shared.push(...(await Promise.all(names.map((name) => joining(() => test.addNode(name))))));
  const machines = new Map<string, Machine>(shared.map(({ host }) => [host.name, host]));
  /** The ids of those that have joined. */
  const ids = new Map(shared.map(({ host, nodeId }) => [host.name, nodeId]));
  const places = new Map<string, number>();
  let made = 0;

  async function place(need: Need, at: number): Promise<Subject> {
    made += 1;
    const number = made;
    const node = await nodeFor(need, at, number);
    const name = `exam-${number}`;
    const last = (places.get(node.host.name) ?? FIRST_PLACE) + 1;
    places.set(node.host.name, last);
    const address = node.host.network.replace(/\.0\/24$/, `.${last}`);
    const { token } =
      need === "stranger" ? await test.fleet().enrolment.createToken({ actor: EXAMINER }) : { token: "" };
    return {
      ...{ nodeId: node.nodeId, nodeName: node.host.name, agentAddress: node.host.address },
      ...{ token, name, address, vpsId: null },
    };
  }

  async function nodeFor(need: Need, at: number, number: number): Promise<Joined> {
    const name = `${need}-${number}`;
    if (need === "stranger") {
      const host = await test.newHost(name);
      machines.set(name, host);
      return { nodeId: "", host };
    }
    if (need === "apart") {
      const node = await joining(() => test.addNode(name));
      machines.set(name, node.host);
      ids.set(name, node.nodeId);
      return node;
    }
    const node = shared[at % nodeCount];
    if (node === undefined) throw new Error("an exam needs a node");
    return node;
  }

  const hostOf = ({ nodeName }: Subject): Machine => {
    const host = machines.get(nodeName);
    if (host === undefined) throw new Error(`there is no machine ${nodeName}`);
    return host;
  };
  const agentOf = (subject: Subject): Agent | null => (ids.has(subject.nodeName) ? hostOf(subject).node() : null);

  return {
    test,
    director,
    hostOf,
    subject: async (kind, at) => {
      const { needs } = SCENARIOS[kind];
      const subject = await place(needs, at);
      return await FURNISH[needs]({ test, director, host: hostOf(subject) }, subject);
    },
    sight: (subject) => {
      const nodeId = ids.get(subject.nodeName) ?? subject.nodeId;
      return look(test.fleet(), agentOf(subject), { ...subject, nodeId });
    },
    expectNothingTwice: async () => {
      const nodes = await test.fleet().nodes.list();
      const details = await Promise.all(nodes.map(({ id }) => test.fleet().nodes.get(id)));
      expectEachOnce(details.map(({ address }) => address));
      const placements = await Promise.all([...ids.keys()].map((name) => machines.get(name)?.node().listPlacements()));
      expectEachOnce(placements.flat().map((placement) => placement?.status.vpsId));
    },
    bootOf: (subject) => async (nodeId) => {
      const credentials = await test.authority.issue(nodeId);
      await hostOf(subject).boot({ nodeId, credentials });
      ids.set(subject.nodeName, nodeId);
      return credentials.certificatePem;
    },
    close: async () => {
      await test.close();
      await Promise.all(own.map((machine) => machine.close()));
    },
  };
}

function expectEachOnce(values: readonly unknown[]): void {
  expect(values.toSorted()).toEqual([...new Set(values)].toSorted());
}

interface Joined {
  nodeId: string;
  host: Machine;
}

interface Site {
  test: TestFleet;
  director: Director;
  host: Machine;
}
type Furnish = (site: Site, subject: Subject) => Promise<Subject>;

const FURNISH: Record<Need, Furnish> = {
  nothing: async (_, subject) => subject,
  stranger: async (_, subject) => subject,
  stopped: (site, subject) => createVps(site, subject, false),
  running: (site, subject) => createVps(site, subject, true),
  apart: (site, subject) => createVps(site, subject, true),
  orphan: async ({ test, host }, subject) => {
    const vpsId = newId("v", (bytes) => crypto.getRandomValues(bytes));
    const placed = { vpsId, epoch: 1 };
    const spec = specOf(subject);
    const mac = macOf(spec.address);
    await host.node().createVps({ ...placed, key: `${vpsId}:create`, generation: 1, spec, mac }, FOREVER);
    await host.node().startVps({ ...placed, key: `${vpsId}:start` }, FOREVER);
    const isSeen = async () => (await test.fleet().nodes.orphans()).some((orphan) => orphan.vpsId === vpsId);
    await eventually(`${subject.name} is seen as an orphan`, isSeen, SEEN_WITHIN_MS);
    return { ...subject, vpsId };
  },
};

async function createVps({ test, director }: Site, subject: Subject, start: boolean): Promise<Subject> {
  const request = { nodeId: subject.nodeId, spec: specOf(subject), start, actor: EXAMINER };
  const { jobId, vpsId } = await test.fleet().vps.create(request);
  director.direct(jobId, UNDISTURBED);
  const job = await ended(test.fleet(), jobId);
  if (job.state !== "succeeded") throw new Error(`${subject.name} was not made: ${job.error?.message}`);
  const made = { ...subject, vpsId };
  await eventually(`${subject.name} is there`, async () => {
    const { state } = await test.fleet().vps.get(vpsOf(made));
    return state === (start ? "running" : "stopped");
  });
  return made;
}
