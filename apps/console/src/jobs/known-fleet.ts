"use client";
/** A job keeps the names of its node and its VPS; whether these still are, and what else is known of them, stands in the tree. */
import type { AppRouter } from "@muster/api/root";
import type { NodeSummary } from "@muster/model/node";
import { useQuery } from "@tanstack/react-query";
import type { inferRouterOutputs } from "@trpc/server";
import { useTRPC } from "../trpc/client.tsx";

export interface KnownFleet {
  nodes: ReadonlyMap<string, NodeSummary>;
  /** Null where a node has more of them than the tree names. */
  vpsIds: ReadonlySet<string> | null;
}

function knownIn({ nodes }: inferRouterOutputs<AppRouter>["fleet"]["tree"]): KnownFleet {
  const isWhole = nodes.every(({ vps, vpsTotal }) => vps.length === vpsTotal);
  return {
    nodes: new Map(nodes.map(({ node }) => [node.id, node])),
    vpsIds: isWhole ? new Set(nodes.flatMap(({ vps }) => vps.map(({ id }) => id))) : null,
  };
}

/** Null while the tree could not be read: of what is not in it nothing is known then. */
export function useKnownFleet(): KnownFleet | null {
  const trpc = useTRPC();
  return useQuery(trpc.fleet.tree.queryOptions(undefined, { select: knownIn })).data ?? null;
}

export function isNodeGone(known: KnownFleet | null, nodeId: string): boolean {
  return known !== null && !known.nodes.has(nodeId);
}

export function isVpsGone(known: KnownFleet | null, vpsId: string): boolean {
  const vpsIds = known?.vpsIds ?? null;
  return vpsIds !== null && !vpsIds.has(vpsId);
}
