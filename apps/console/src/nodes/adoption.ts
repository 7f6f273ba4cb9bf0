"use client";
import { JOB_ENDED, type Job } from "@muster/model/job";
import type { Orphan } from "@muster/model/node";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useJobs } from "../limits/job-outcome.tsx";
import { useTRPC } from "../trpc/client.tsx";
import { errorViewOf } from "../trpc/error-view.ts";

type Told = { state: "not asked" } | { state: "asked"; jobId: string } | { state: "refused"; reason: string };

export interface Adoption {
  busy: boolean;
  of: (orphan: Orphan) => Told;
  adopt: (orphans: readonly Orphan[]) => void;
}

const keyOf = (orphan: Orphan) => `${orphan.nodeId}/${orphan.vpsId}`;

/** What was asked for is forgotten when its job came to nothing; why it did, stays. */
function toldNow(told: Told, jobs: ReadonlyMap<string, Job>): Told {
  const job = told.state === "asked" ? jobs.get(told.jobId) : undefined;
  if (job === undefined || !JOB_ENDED[job.state] || job.state === "succeeded") return told;
  return { state: "refused", reason: job.error?.message ?? "Its adoption was cancelled." };
}

/** Each is asked for by itself and answered by itself: one whose name is taken does not keep the others out. */
export function useAdoption(): Adoption {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const [told, setTold] = useState<Readonly<Record<string, Told>>>({});
  const jobs = useJobs(Object.values(told).flatMap((each) => (each.state === "asked" ? [each.jobId] : [])));
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
    of: (orphan) => toldNow(told[keyOf(orphan)] ?? { state: "not asked" }, jobs),
    adopt: all.mutate,
  };
}
