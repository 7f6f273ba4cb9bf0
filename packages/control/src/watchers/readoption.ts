/**
 * After a lost database: adopts what is found on the nodes that have come back by themselves, once each. What cannot
 * be adopted stays an orphan, with the reason, for a person to decide.
 */
import { MusterError } from "@muster/model/errors";
import type { Fleet } from "../fleet.ts";
import type { Log } from "../log.ts";
import type { OrphanStore } from "../nodes/orphan-store.ts";
import { ADOPT_ACTOR } from "../tokens/tokens.ts";
import type { Watcher } from "./watcher.ts";

export interface ReadoptionOptions {
  orphans: OrphanStore;
  adopt: Fleet["vps"]["adopt"];
  log: Log;
}

export function readoptionWatcher({ orphans, adopt, log }: ReadoptionOptions): Watcher {
  const tried = new Set<string>();
  return {
    name: "readoption",
    everyMs: 1_000,
    async round() {
      const returned = await orphans.onReturnedNodes(ADOPT_ACTOR);
      for (const { nodeId, vpsId, adoptRefusal } of returned) {
        if (adoptRefusal !== null || tried.has(`${nodeId} ${vpsId}`)) continue;
        try {
          await adopt({ nodeId, vpsId, actor: ADOPT_ACTOR });
          tried.add(`${nodeId} ${vpsId}`);
        } catch (err) {
          // Another server was quicker, or something has changed since the list. Without its database it is tried again.
          if (!(err instanceof MusterError) || err.code === "database_unavailable") throw err;
          tried.add(`${nodeId} ${vpsId}`);
          log.warn({ err, nodeId, vpsId }, "a VPS of a node that came back was not adopted");
        }
      }
    },
  };
}
