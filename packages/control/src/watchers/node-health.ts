/**
 * Follows every node whose lease this server holds: begins with one that has enrolled or was taken over, ends with
 * one that is gone or another's, and writes down once a second which were heard, all in one statement. It also tells
 * the fleet's watchers when time alone has changed what they see: a node that fell silent makes no event of its own.
 */
import { nodeHealth } from "@muster/model/node";
import type { Agents } from "../agents.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { NodeAddress, NodeStore, NodeToFollow } from "../nodes/store.ts";
import type { VpsStore } from "../vps/store.ts";
import { followNode } from "./follow-node.ts";
import type { Watcher } from "./watcher.ts";

export interface NodeHealthOptions {
  /** This server's incarnation. */
  me: string;
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
}

/** A node as it was told of last. */
interface Known {
  address: string;
  healthy: boolean;
}

export function nodeHealthWatcher(options: NodeHealthOptions): Watcher {
  const { me, agents, nodes, clock, signal } = options;
  const followed = new Map<string, Followed>();
  const known = new Map<string, Known>();
  const isHealthy = (heardAtMs: number | null) => nodeHealth(heardAtMs, clock.nowMs()) === "healthy";

  const follow = (node: NodeAddress) => {
    const stop = new AbortController();
    const entry: Followed = { address: node.address, stop, heardAtMs: null, writtenAtMs: null };
    followed.set(node.id, entry);
    const { vps, log } = options;
    const link = agents.linkTo(node);
    const onHeard = () => {
      entry.heardAtMs = clock.nowMs();
    };
    const followSignal = AbortSignal.any([signal, stop.signal]);
    void followNode({ me, nodeId: node.id, link, nodes, vps, log, signal: followSignal, onHeard });
  };

  const drop = (nodeId: string, entry: Followed) => {
    entry.stop.abort();
    followed.delete(nodeId);
  };

  /** A server keeps connections to nodes that it does not follow too: for jobs, terminals and live charts. */
  const forgetMoved = (all: ReadonlyMap<string, NodeToFollow>) => {
    for (const [nodeId, { address }] of known) {
      if (all.get(nodeId)?.address === address) continue;
      agents.forget(nodeId);
      known.delete(nodeId);
    }
  };

  const align = (all: ReadonlyMap<string, NodeToFollow>) => {
    for (const [nodeId, entry] of followed) {
      const node = all.get(nodeId);
      if (node?.address !== entry.address || node.watchedBy !== me) drop(nodeId, entry);
    }
    for (const node of all.values()) if (node.watchedBy === me && !followed.has(node.id)) follow(node);
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

  /** Each server tells of the nodes that it follows, and of the silence of others: their server may have died. */
  const announceTurns = async (all: Iterable<NodeToFollow>) => {
    for (const { id, address, heardAtMs } of all) {
      const own = followed.get(id);
      const healthy = isHealthy(own?.heardAtMs ?? heardAtMs);
      const shown = known.get(id)?.healthy ?? false;
      if (healthy !== shown && (own !== undefined || !healthy)) await nodes.announce(id);
      known.set(id, { address, healthy });
    }
  };

  return {
    name: "node-health",
    everyMs: 1_000,
    async round() {
      const all = new Map((await nodes.addresses()).map((node) => [node.id, node]));
      forgetMoved(all);
      align(all);
      await writeHeard();
      await announceTurns(all.values());
    },
  };
}
