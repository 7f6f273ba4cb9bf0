"use client";
/** A job keeps the name of its node; whether that node still is, and whether it is a simulated one, stands in the tree. */
import type { NodeSummary } from "@muster/model/node";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "../trpc/client.tsx";

export function useKnownNodes(): ReadonlyMap<string, NodeSummary> {
  const trpc = useTRPC();
  const tree = useQuery(trpc.fleet.tree.queryOptions());
  return new Map((tree.data?.nodes ?? []).map(({ node }) => [node.id, node]));
}
