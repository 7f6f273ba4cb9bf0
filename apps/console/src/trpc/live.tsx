"use client";
/**
 * Streams notify, queries are the truth. Two streams run while the page is in sight: one says what changed in the
 * fleet, one carries every change of a job. Both stop in a hidden tab, since a browser keeps only six connections to
 * one address (HTTP/1.1); when they come back everything is read again.
 */
import { useDocumentVisibility } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import { useEffect, useRef } from "react";
import { mergeJob } from "../jobs/merge.ts";
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
  const visible = useDocumentVisibility() === "visible";
  const started = useRef(false);

  const rereadFleet = useSettled(() => {
    void cache.invalidateQueries(trpc.fleet.tree.pathFilter());
    void cache.invalidateQueries(trpc.vps.pathFilter());
    void cache.invalidateQueries(trpc.nodes.pathFilter());
  });
  const rereadJobs = useSettled(() => void cache.invalidateQueries(trpc.jobs.list.pathFilter()));

  useSubscription({
    ...trpc.fleet.watch.subscriptionOptions(undefined, {
      onData: rereadFleet,
      onStarted: () => {
        if (started.current) {
          rereadFleet();
          rereadJobs();
        }
        started.current = true;
      },
      onConnectionStateChange: ({ state }) => showConnection(state === "pending" ? "live" : "lost"),
    }),
    enabled: visible,
  });
  useSubscription({
    ...trpc.jobs.watch.subscriptionOptions(undefined, {
      onData: ({ data: job }) => {
        cache.setQueryData(trpc.jobs.get.queryKey({ jobId: job.id }), job);
        const known = mergeJob(cache, trpc.jobs.list.pathFilter(), job);
        if (!known) rereadJobs();
      },
    }),
    enabled: visible,
  });
  return null;
}
