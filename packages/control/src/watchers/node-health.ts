/**
 * Follows every node of the fleet: begins with one that has enrolled, ends with one that is gone, and writes down
 * once a second which were heard, all in one statement. It also tells the fleet's watchers when time alone has
 * changed what they see: a node that fell silent makes no event of its own.
 */
import { NODE_SILENCE_MS } from "@muster/model/node";
import type { Agents } from "../agents.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { NodeAddress, NodeStore } from "../nodes/store.ts";
import type { VpsStore } from "../vps/store.ts";
import { followNode } from "./follow-node.ts";
import type { Watcher } from "./watcher.ts";

export interface NodeHealthOptions {
  agents: Agents;
  nodes: NodeStore;
  vps: VpsStore;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
}

interface Followed {
  address: string;
  stop: AbortController;
  heardAtMs: number | null;
  writtenAtMs: number | null;
  shownHealthy: boolean;
}

export function nodeHealthWatcher(options: NodeHealthOptions): Watcher {
  const { agents, nodes, clock, signal } = options;
  const followed = new Map<string, Followed>();

  const follow = (node: NodeAddress) => {
    const stop = new AbortController();
    const entry: Followed = { address: node.address, stop, heardAtMs: null, writtenAtMs: null, shownHealthy: false };
    followed.set(node.id, entry);
    const { vps, log } = options;
    const link = agents.linkTo(node);
    const onHeard = () => {
      entry.heardAtMs = clock.nowMs();
    };
    void followNode({
      nodeId: node.id,
      link,
      nodes,
      vps,
      log,
      signal: AbortSignal.any([signal, stop.signal]),
      onHeard,
    });
  };

  const drop = (nodeId: string, entry: Followed) => {
    entry.stop.abort();
    followed.delete(nodeId);
    agents.forget(nodeId);
  };

  const align = async () => {
    const wanted = new Map((await nodes.addresses()).map((node) => [node.id, node]));
    for (const [nodeId, entry] of followed) {
      if (wanted.get(nodeId)?.address !== entry.address) drop(nodeId, entry);
    }
    for (const node of wanted.values()) if (!followed.has(node.id)) follow(node);
  };

  const writeHeard = async () => {
    const fresh = [...followed].flatMap(([nodeId, { heardAtMs, writtenAtMs }]) =>
      heardAtMs === null || heardAtMs === writtenAtMs ? [] : [{ nodeId, atMs: heardAtMs }],
    );
    await nodes.heard(fresh);
    for (const { nodeId, atMs } of fresh) {
      const entry = followed.get(nodeId);
      if (entry !== undefined) entry.writtenAtMs = atMs;
    }
  };

  const announceTurns = async () => {
    for (const [nodeId, entry] of followed) {
      const healthy = entry.heardAtMs !== null && clock.nowMs() - entry.heardAtMs <= NODE_SILENCE_MS;
      if (healthy === entry.shownHealthy) continue;
      await nodes.announce(nodeId);
      entry.shownHealthy = healthy;
    }
  };

  return {
    name: "node-health",
    everyMs: 1_000,
    async round() {
      await align();
      await writeHeard();
      await announceTurns();
    },
  };
}
