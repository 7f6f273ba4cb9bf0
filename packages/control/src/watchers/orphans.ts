/**
 * Finds VPSs that are on a node and in no inventory. They are shown when they were seen twice, a round apart, with no
 * job at work on them: between a node's list and the look into the inventory a delete may come to its end. (The other
 * way round, what is in the inventory and not on its node, is found where its status is: follow-node.ts.)
 */
import { nodeHealth } from "@muster/model/node";
import type { Agents } from "../agents.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { OrphanStore } from "../nodes/orphan-store.ts";
import type { NodeStore } from "../nodes/store.ts";
import type { Watcher } from "./watcher.ts";

const EVERY_MS = 5_000;

export interface OrphansOptions {
  /** This server's incarnation. */
  me: string;
  nodes: NodeStore;
  orphans: OrphanStore;
  agents: Agents;
  /** Five seconds unless told otherwise. */
  orphansEveryMs?: number | undefined;
  clock: Clock;
  log: Log;
}

export function orphansWatcher(options: OrphansOptions): Watcher {
  const { me, nodes, orphans, agents, clock, log } = options;
  /** By node: what was unknown at the last look. */
  let seen = new Map<string, ReadonlySet<string>>();

  const look = async (nodeId: string): Promise<[string, ReadonlySet<string>]> => {
    const agent = await agents.agentFor(nodeId);
    const listed = await agent.listVps();
    const unknown = await orphans.unknown(
      nodeId,
      listed.map(({ vpsId }) => vpsId),
    );
    const before = seen.get(nodeId);
    // One that is stored was seen twice by the server that followed the node before.
    const certain = new Set(unknown.filter(({ id, stored }) => stored || before?.has(id)).map(({ id }) => id));
    const reports = certain.size === 0 ? [] : await agent.listPlacements();
    const found = reports.filter(({ status }) => certain.has(status.vpsId));
    if (await orphans.replace(nodeId, found, clock.nowMs())) {
      log.info({ nodeId, vpsIds: [...certain] }, "VPSs that are in no inventory came or went");
      await nodes.announce(nodeId);
    }
    return [nodeId, new Set(unknown.map(({ id }) => id))];
  };

  return {
    name: "orphans",
    everyMs: options.orphansEveryMs ?? EVERY_MS,
    async round() {
      const mine = (await nodes.addresses()).filter((node) => node.watchedBy === me);
      const healthy = mine.filter(({ heardAtMs }) => nodeHealth(heardAtMs, clock.nowMs()) === "healthy");
      const looks = await Promise.allSettled(healthy.map(({ id }) => look(id)));
      seen = new Map(looks.flatMap((result) => (result.status === "fulfilled" ? [result.value] : [])));
      for (const result of looks) {
        if (result.status === "rejected") log.info({ err: result.reason }, "a node was not looked through this time");
      }
    },
  };
}
