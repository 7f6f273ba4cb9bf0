"use client";
import type { Orphan } from "@muster/model/node";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "../trpc/client.tsx";
import { errorViewOf } from "../trpc/error-view.ts";

type Told = { state: "not asked" } | { state: "asked"; jobId: string } | { state: "refused"; reason: string };

export interface Adoption {
  busy: boolean;
  of: (orphan: Orphan) => Told;
  adopt: (orphans: readonly Orphan[]) => void;
}

const keyOf = (orphan: Orphan) => `${orphan.nodeId}/${orphan.vpsId}`;

/** Each is asked for by itself and answered by itself: one whose name is taken does not keep the others out. */
export function useAdoption(): Adoption {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const [told, setTold] = useState<Readonly<Record<string, Told>>>({});
  const one = useMutation(trpc.vps.adopt.mutationOptions());
  const all = useMutation({
    mutationFn: async (orphans: readonly Orphan[]) => {
      for (const orphan of orphans) {
        const answer: Told = await one.mutateAsync({ nodeId: orphan.nodeId, vpsId: orphan.vpsId }).then(
          ({ jobId }) => ({ state: "asked", jobId }),
          (error: unknown) => ({ state: "refused", reason: errorViewOf(error).message }),
        );
        setTold((before) => ({ ...before, [keyOf(orphan)]: answer }));
      }
      await Promise.all([
        cache.invalidateQueries(trpc.nodes.pathFilter()),
        cache.invalidateQueries(trpc.jobs.list.pathFilter()),
      ]);
    },
  });
  return {
    busy: all.isPending,
    of: (orphan) => told[keyOf(orphan)] ?? { state: "not asked" },
    adopt: all.mutate,
  };
}
