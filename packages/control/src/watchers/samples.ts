/**
 * Stores a sample every 10 s of every node that this server follows. It asks for all that came since the last stored one and keeps one of
 * each 10 s: a server that was away for up to 15 minutes (what agents keep) leaves no gap in the day's chart.
 */
import type { Agent } from "@muster/agent-api/agent";
import type { NodeSample } from "@muster/model/metrics/sample";
import { nodeHealth } from "@muster/model/node";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { MetricsStore } from "../metrics/store.ts";
import type { NodeStore } from "../nodes/store.ts";
import type { Watcher } from "./watcher.ts";

export const STORED_INTERVAL_MS = 10_000;
/** There are partitions for no more than this on either side; a node whose clock is further off is told about. */
const CLOCK_OFF_MS = 86_400_000;

export interface SamplesOptions {
  /** This server's incarnation. */
  me: string;
  nodes: NodeStore;
  metrics: MetricsStore;
  agentFor: (nodeId: string) => Promise<Agent>;
  clock: Clock;
  log: Log;
}

/** The last sample of each interval; that of the interval under way is left for the next time. */
export function thinned(samples: readonly NodeSample[], intervalMs: number): NodeSample[] {
  return samples.filter((sample, index) => {
    const next = samples[index + 1];
    return (
      next !== undefined && Math.floor(next.monotonicMs / intervalMs) !== Math.floor(sample.monotonicMs / intervalMs)
    );
  });
}

type LastStored = { bootId: string; monotonicMs: number } | null;

export function samplesWatcher(options: SamplesOptions): Watcher {
  const { me, nodes, metrics, agentFor, clock, log } = options;
  const lastOf = new Map<string, LastStored>();

  const store = async (nodeId: string): Promise<void> => {
    const last = lastOf.has(nodeId) ? (lastOf.get(nodeId) ?? null) : await metrics.lastMonotonicMs(nodeId);
    const agent = await agentFor(nodeId);
    let samples = await agent.samples({ afterMonotonicMs: last?.monotonicMs ?? -1 });
    // Another boot has counted from zero: what is "after" by the old one's time would leave its beginning out.
    if (last !== null && samples.length === 0) samples = await afterReboot(agent, last);
    const wanted = thinned(samples, STORED_INTERVAL_MS);
    const usable = wanted.filter((sample) => Math.abs(sample.observedAtMs - clock.nowMs()) < CLOCK_OFF_MS);
    if (usable.length < wanted.length)
      log.warn({ nodeId }, "the node's clock is off by more than a day; its samples are not stored");
    await metrics.add(nodeId, usable);
    const stored = wanted.at(-1);
    lastOf.set(nodeId, stored === undefined ? last : { bootId: stored.bootId, monotonicMs: stored.monotonicMs });
  };

  return {
    name: "samples",
    everyMs: STORED_INTERVAL_MS,
    async round() {
      const mine = (await nodes.addresses()).filter((node) => node.watchedBy === me);
      for (const nodeId of lastOf.keys()) if (!mine.some(({ id }) => id === nodeId)) lastOf.delete(nodeId);
      const healthy = mine.filter(({ heardAtMs }) => nodeHealth(heardAtMs, clock.nowMs()) === "healthy");
      const results = await Promise.allSettled(healthy.map((node) => store(node.id)));
      for (const result of results) {
        if (result.status === "rejected")
          log.warn({ err: result.reason }, "a node's samples were not stored this time");
      }
    },
  };
}

async function afterReboot(agent: Agent, last: NonNullable<LastStored>): Promise<NodeSample[]> {
  const all = await agent.samples({ afterMonotonicMs: -1 });
  return all.filter((sample) => sample.bootId !== last.bootId);
}
