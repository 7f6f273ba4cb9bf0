/** The one composition root of the control plane: stores, agents, jobs and watchers, put together. */
import { type AgentLink, connectAgent } from "@muster/agent-api/client";
import type { Database } from "@muster/db/client";
import { type Connect, createAgents } from "./agents.ts";
import { type Clock, systemClock } from "./clock.ts";
import { databaseAccess } from "./database-access.ts";
import { createChangeFeed } from "./events/change-feed.ts";
import type { Fleet, FleetHealth, FleetTree } from "./fleet.ts";
import { createJobStore } from "./jobs/store.ts";
import { watchJobs } from "./jobs/watch.ts";
import { type Log, silentLog } from "./log.ts";
import { createDay, type DayCharts } from "./metrics/day.ts";
import { createLive, type LiveRelay } from "./metrics/live.ts";
import { createMetricsStore, type MetricsStore } from "./metrics/store.ts";
import { watchNode, watchVps } from "./metrics/watch-live.ts";
import { createNodeStore, type NodeStore } from "./nodes/store.ts";
import { watchFleet } from "./nodes/watch.ts";
import { launchDurableJobs } from "./operations/durable-jobs.ts";
import { createPlacementStore } from "./placement/store.ts";
import { createTemplates } from "./templates/templates.ts";
import { createTerminal } from "./terminal/terminal.ts";
import { createTokenStore } from "./tokens/store.ts";
import { createEnrolment, createFirstRun } from "./tokens/tokens.ts";
import { createVpsStore, type VpsStore } from "./vps/store.ts";
import { createVps } from "./vps/vps.ts";
import { type NodeHealthOptions, nodeHealthWatcher } from "./watchers/node-health.ts";
import { partitionsWatcher } from "./watchers/partitions.ts";
import { samplesWatcher } from "./watchers/samples.ts";
import { runWatcher } from "./watchers/watcher.ts";

export interface FleetOptions {
  /** Opened and closed by the caller; its migrations have been applied. */
  database: Database;
  /** The server's own: its CA, and the certificate (CN muster-server) with which it calls agents. */
  credentials: Pick<AgentLink, "caPem" | "certificatePem" | "keyPem">;
  /** This server's name in the record of jobs; the same after a restart. */
  serverId?: string;
  log?: Log;
  clock?: Clock;
  /** In place of mutual TLS: a test's agents in its own process. */
  connect?: Connect;
}

const TREE_VPS_PER_NODE = 500;

export async function createFleet(options: FleetOptions): Promise<Fleet> {
  const { database, credentials, serverId = "server", log = silentLog, clock = systemClock } = options;
  const access = databaseAccess(database);
  const stop = new AbortController();
  const nodes = createNodeStore(access, clock);
  const vps = createVpsStore(access, clock);
  const jobs = createJobStore(access);
  const metrics = createMetricsStore(access);
  const tokens = createTokenStore(access, clock);
  const connect: Connect =
    options.connect ?? ((node) => connectAgent({ ...credentials, nodeId: node.id, address: node.address }));
  const agents = createAgents({ connect, clock, addressOf: (nodeId) => nodes.address(nodeId) });
  const { agentFor } = agents;

  const durable = await launchDurableJobs({
    databaseUrl: database.url,
    serverId,
    stop,
    tools: { agents, vps, nodes, jobs, log },
  });
  const feed = createChangeFeed(database.url, log);
  const live = createLive({ agentFor, log });
  const watching = watch({ agents, nodes, vps, metrics, clock, log, signal: stop.signal });

  return {
    tree: () => tree(nodes, vps),
    watch: (signal) => watchFleet({ feed, nodes }, signal),
    health: () => health(nodes),
    nodes: { list: () => nodes.list(), get: (nodeId) => nodes.get(nodeId) },
    vps: createVps({ store: vps, placement: createPlacementStore(access, clock), durable, agentFor }),
    terminal: createTerminal({ vps, agentFor }),
    templates: createTemplates({ nodes, jobs, durable }),
    jobs: {
      list: (query) => jobs.list(query),
      get: (jobId) => jobs.get(jobId),
      watch: ({ afterEventId }, signal) => watchJobs({ feed, jobs }, afterEventId, signal),
    },
    metrics: charts({ live, day: createDay({ metrics, vps, clock }), vps }),
    enrolment: createEnrolment(tokens, clock, credentials.caPem),
    firstRun: createFirstRun(tokens),
    close: async () => {
      stop.abort();
      live.close();
      agents.close(); // what a watcher still waits for ends now
      await Promise.all([...watching, feed.close(), durable.close()]);
    },
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

type WatchOptions = NodeHealthOptions & { metrics: MetricsStore };

function watch(options: WatchOptions): Promise<void>[] {
  const { agents, metrics, log, signal } = options;
  const watchers = [
    nodeHealthWatcher(options),
    samplesWatcher({ ...options, agentFor: agents.agentFor }),
    partitionsWatcher({ metrics, clock: options.clock, log }),
  ];
  return watchers.map((watcher) => runWatcher(watcher, { log, signal }));
}
