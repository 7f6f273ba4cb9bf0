"use client";
/** A job names its node only; whether that is a simulated one stands in the tree, which every page has read already. */
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "../trpc/client.tsx";

export function useIsSimulated(nodeId: string): boolean {
  const trpc = useTRPC();
  const tree = useQuery(trpc.fleet.tree.queryOptions());
  return tree.data?.nodes.some(({ node }) => node.id === nodeId && node.simulated) ?? false;
}
