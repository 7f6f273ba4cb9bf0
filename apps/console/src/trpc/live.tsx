"use client";
/**
 * Streams notify, queries are the truth. Two streams run while somebody is at this window: one says what changed in the
 * fleet, one carries every change of a job. Whenever one starts everything is read again: what changed before, nobody told.
 */
import { JOB_ENDED } from "@muster/model/job";
import { useQueryClient } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import { useEffect, useRef } from "react";
import { mergeJob } from "../jobs/merge.ts";
import { useAttended } from "../shell/attended.ts";
import { showConnection } from "../shell/connection.ts";
import { useTRPC } from "./client.tsx";

/** Changes come in bursts; one reading serves them all. */
const SETTLE_MS = 150;

function useSettled(run: () => void): () => void {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      run();
    }, SETTLE_MS);
  };
}

export function LiveUpdates() {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const attended = useAttended();

  const rereadFleet = useSettled(() => {
    void cache.invalidateQueries(trpc.fleet.tree.pathFilter());
    void cache.invalidateQueries(trpc.vps.pathFilter());
    void cache.invalidateQueries(trpc.nodes.pathFilter());
  });
  const rereadJobs = useSettled(() => void cache.invalidateQueries(trpc.jobs.list.pathFilter()));

  useSubscription({
    ...trpc.fleet.watch.subscriptionOptions(undefined, {
      onData: rereadFleet,
      onStarted: rereadFleet,
      onConnectionStateChange: ({ state }) => showConnection(state === "connecting" ? "lost" : "live"),
    }),
    enabled: attended,
  });
  useSubscription({
    // A connection that was lost goes on after the last event; a window that comes back after hours begins anew, and reads.
    ...trpc.jobs.watch.subscriptionOptions(undefined, {
      onStarted: () => void cache.invalidateQueries(trpc.jobs.pathFilter()),
      onData: ({ data: job }) => {
        const one = trpc.jobs.get.queryKey({ jobId: job.id });
        // An answer still on its way was asked for before this change: it would bring back what was.
        void cache.cancelQueries({ queryKey: one }).then(() => cache.setQueryData(one, job));
        const known = mergeJob(cache, trpc.jobs.list.pathFilter(), job);
        // One that ended may no longer belong into a list of those under way, or now belongs into one of the failed.
        if (!known || JOB_ENDED[job.state]) rereadJobs();
      },
    }),
    enabled: attended,
  });
  return null;
}
