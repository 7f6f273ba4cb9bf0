import type { NodeDetail, NodeInventory } from "@muster/model/node";
import type { ReactNode } from "react";
import { Freshness } from "../ui/freshness.tsx";
import { EmptyNotice } from "../ui/notice.tsx";

interface ReportedInventoryProps {
  node: Pick<NodeDetail, "inventory">;
  /** The node is silent: a link that was up when it was last heard is not green any more. */
  stale: boolean;
  children: (inventory: NodeInventory) => ReactNode;
}

export function ReportedInventory({ node, stale, children }: ReportedInventoryProps) {
  if (node.inventory !== null) return <Freshness stale={stale}>{children(node.inventory)}</Freshness>;
  return (
    <EmptyNotice title="Not reported yet" icon="node">
      The agent of this node has not sent its inventory.
    </EmptyNotice>
  );
}
