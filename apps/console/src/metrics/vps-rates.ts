"use client";
/** The figures of one VPS: as they come, or of the last day. */
import type { VpsRate } from "@muster/model/metrics/rate";
import { useQuery } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import { useTRPC } from "../trpc/client.tsx";
import { DAY_POLL_MS, LIVE_INTERVAL_MS, useLivePoints } from "./live.ts";
import type { Range } from "./range-switch.tsx";

export function useVpsRates(vpsId: string, range: Range) {
  const trpc = useTRPC();
  const live = useLivePoints<VpsRate>();
  const stream = useSubscription({
    ...trpc.metrics.vpsLive.subscriptionOptions({ vpsId }, { onData: live.onData }),
    enabled: range === "live",
  });
  const day = useQuery(
    trpc.metrics.vpsDay.queryOptions({ vpsId }, { enabled: range === "day", refetchInterval: DAY_POLL_MS }),
  );
  if (range === "live") return { rates: live.points, intervalMs: LIVE_INTERVAL_MS, failed: stream.status === "error" };
  return { rates: day.data?.points ?? [], intervalMs: day.data?.intervalMs ?? DAY_POLL_MS, failed: day.isError };
}
