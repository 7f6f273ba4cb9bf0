"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTRPC } from "../trpc/client.tsx";

/** Asks for a change of limits; what shows them is read again at once. */
export function useSetLimits() {
  const trpc = useTRPC();
  const cache = useQueryClient();
  return useMutation(
    trpc.vps.setLimits.mutationOptions({
      onSuccess: () => {
        void cache.invalidateQueries(trpc.vps.pathFilter());
        void cache.invalidateQueries(trpc.jobs.list.pathFilter());
      },
    }),
  );
}
