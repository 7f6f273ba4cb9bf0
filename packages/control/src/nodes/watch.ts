/** What changed in the fleet, node by node and VPS by VPS. It says where to look, never what is there. */
import type { ChangeFeed } from "../events/change-feed.ts";
import { createInbox } from "../events/inbox.ts";
import type { FleetChange } from "../fleet.ts";
import type { NodeStore } from "./store.ts";

type Where = Omit<FleetChange, "id">;

export async function* watchFleet(
  { feed, nodes }: { feed: ChangeFeed; nodes: NodeStore },
  signal: AbortSignal,
): AsyncGenerator<FleetChange> {
  const inbox = createInbox<Where | "gap">(signal);
  const unsubscribe = feed.subscribe((change) => {
    if (change.type === "fleet")
      inbox.put(`${change.nodeId} ${change.vpsId}`, { nodeId: change.nodeId, vpsId: change.vpsId });
    if (change.type === "gap") inbox.put("gap", "gap");
  });
  let number = 0;
  try {
    while (!signal.aborted) {
      for (const where of await inbox.take()) {
        const changed = where === "gap" ? await everyNode(nodes) : [where];
        for (const one of changed) {
          number += 1;
          yield { id: String(number), ...one };
        }
      }
    }
  } finally {
    unsubscribe();
  }
}

/** After a gap anything may have changed. */
async function everyNode(nodes: NodeStore): Promise<Where[]> {
  return (await nodes.addresses()).map((node) => ({ nodeId: node.id, vpsId: null }));
}
