/** The one composition root of the control plane: stores, agents, jobs and watchers, put together. */
import { randomUUID } from "node:crypto";
import { type AgentLink, connectAgent } from "@muster/agent-api/client";
import type { Database } from "@muster/db/client";
import { type Agents, type Connect, createAgents } from "./agents.ts";
import { type Clock, systemClock } from "./clock.ts";
import { type DatabaseAccess, databaseAccess } from "./database-access.ts";
import { createChangeFeed } from "./events/change-feed.ts";
import type { Fleet, FleetHealth, FleetTree } from "./fleet.ts";
import { createJobs } from "./jobs/jobs.ts";
import { type Log, silentLog } from "./log.ts";
import { createDay, type DayCharts } from "./metrics/day.ts";
import { createLive, type LiveRelay } from "./metrics/live.ts";
import { watchNode, watchVps } from "./metrics/watch-live.ts";
import { createAdopt, createNodes } from "./nodes/nodes.ts";
import type { NodeStore } from "./nodes/store.ts";
import { watchFleet } from "./nodes/watch.ts";
import { createAgain } from "./operations/again.ts";
import type { Moment } from "./operations/run-job.ts";
import { launchRunner, type Runner } from "./operations/runner.ts";
import { createStores, type Stores } from "./stores.ts";
import { createTemplates } from "./templates/templates.ts";
import { createTerminal } from "./terminal/terminal.ts";
import { createEnrolment, createFirstRun } from "./tokens/tokens.ts";
import type { VpsStore } from "./vps/store.ts";
import { createVps } from "./vps/vps.ts";
import { startWatchers } from "./watchers/start-watchers.ts";

export interface FleetOptions {
  /** Opened and closed by the caller; its migrations have been applied. */
  database: Database;
  /** The server's own: its CA, and the certificate (CN muster-server) with which it calls agents. */
  credentials: Pick<AgentLink, "caPem" | "certificatePem" | "keyPem">;
  /** This server's name in the record of jobs; the same after a restart. */
  serverId?: string;
  /** Where agents ask to join, as they reach it; shown with an enrolment token. */
  enrolUrl?: string;
  /** The database was lost: nodes that hold a certificate of this fleet get their places back, with what is on them. */
  adopt?: boolean;
  /** How often nodes are looked through for VPSs that are in no inventory; shown is what was seen twice. */
  orphansEveryMs?: number;
  log?: Log;
  clock?: Clock;
  /** In place of mutual TLS: a test's agents in its own process. */
  connect?: Connect;
  /** How many jobs it is at work on at once; the runner has a figure of its own. */
  jobSlots?: number;
  /** How long the history is kept; two years unless told otherwise. */
  keepJobDays?: number;
  /** Called around every step and waited for: a test's server can die at each point. */
  hooks?: { aroundStep?: ((at: Moment) => Promise<void> | void) | undefined };
}

const TREE_VPS_PER_NODE = 500;
const ENROL_URL = "https://127.0.0.1:8082";

export async function createFleet(options: FleetOptions): Promise<Fleet> {
  const { database, credentials, serverId = "server", log = silentLog, clock = systemClock } = options;
  const me = randomUUID(); // this incarnation of the server: what it holds is told by it from what it held before
  const stop = new AbortController();
  const access = databaseAccess(database);
  const stores = createStores(access, { clock, me });
  const { nodes, vps, jobs, limits, metrics, leases } = stores;
  const connect: Connect =
    options.connect ?? ((node) => connectAgent({ ...credentials, nodeId: node.id, address: node.address }));
  const agents = createAgents({ connect, clock, addressOf: (nodeId) => nodes.address(nodeId) });
  const { agentFor } = agents;

  const feed = createChangeFeed(database.url, log);
  const tools = { agents, vps, nodes, limits, log, at: options.hooks?.aroundStep };
  const slots = options.jobSlots;
  const runner = await launchRunner({ databaseUrl: database.url, feed, me, serverId, stop, tools, slots });
  const live = createLive({ agentFor, log });
  const doors = createDoors({ ...stores, access, runner, clock, agentFor, log });
  const watching = startWatchers({
    ...{ ...stores, runner, me, agents, clock, log, signal: stop.signal },
    ...{ keepJobDays: options.keepJobDays, orphansEveryMs: options.orphansEveryMs },
    readopt: options.adopt ? doors.vps.adopt : null,
  });

  return {
    ...doors,
    tree: () => tree(nodes, vps),
    watch: (signal) => watchFleet({ feed, nodes }, signal),
    health: () => health(nodes),
    terminal: createTerminal({ vps, agentFor }),
    jobs: createJobs({ jobs, requests: stores.requests, vps, runner, feed, again: createAgain(doors) }),
    metrics: charts({ live, day: createDay({ metrics, vps, clock }), vps }),
    enrolment: createEnrolment({
      ...{ tokens: stores.tokens, clock, runner, caPem: credentials.caPem },
      ...{ enrolUrl: options.enrolUrl ?? ENROL_URL, adopt: options.adopt ?? false },
    }),
    firstRun: createFirstRun(stores.tokens),
    close: async () => {
      stop.abort();
      live.close();
      agents.close(); // what a watcher still waits for ends now
      await Promise.all([...watching, feed.close(), runner.close()]);
      await leases.release().catch((err: unknown) => log.warn({ err }, "the others take this server's nodes later"));
    },
  };
}

interface DoorParts extends Stores {
  access: DatabaseAccess;
  runner: Runner;
  clock: Clock;
  agentFor: Agents["agentFor"];
  log: Log;
}

/** What makes jobs; a retry comes through the same doors. */
function createDoors(parts: DoorParts): Pick<Fleet, "vps" | "templates" | "nodes"> {
  const { vps: store, nodes, jobs, orphans, runner, log } = parts;
  return {
    vps: { ...createVps({ ...parts, store }), adopt: createAdopt({ orphans, runner }) },
    templates: createTemplates({ nodes, jobs, runner }),
    nodes: createNodes({ store: nodes, orphans, runner, log }),
  };
}

async function tree(nodes: NodeStore, vps: VpsStore): Promise<FleetTree> {
  const [all, perNode] = await Promise.all([nodes.list(), vps.tree(TREE_VPS_PER_NODE)]);
  return { nodes: all.map((node) => ({ node, vps: perNode.get(node.id) ?? [], vpsTotal: node.vpsCount })) };
}

async function health(nodes: NodeStore): Promise<FleetHealth> {
  try {
    const all = await nodes.list();
    const healthy = all.filter((node) => node.health === "healthy").length;
    return { database: "available", nodes: { total: all.length, healthy } };
  } catch {
    return { database: "unavailable", nodes: { total: 0, healthy: 0 } };
  }
}

function charts({ live, day, vps }: { live: LiveRelay; day: DayCharts; vps: VpsStore }): Fleet["metrics"] {
  return {
    nodeLive: (nodeId, signal) => watchNode(live, nodeId, signal),
    vpsLive: async function* (vpsId, signal) {
      yield* watchVps(live, await vps.get(vpsId), signal);
    },
    nodeDay: (nodeId) => day.node(nodeId),
    vpsDay: (vpsId) => day.vps(vpsId),
  };
}
