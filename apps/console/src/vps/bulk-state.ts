"use client";
import type { Vps } from "@muster/model/vps";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC, useTRPCClient } from "../trpc/client.tsx";
import { errorViewOf } from "../trpc/error-view.ts";
import type { BulkActionName } from "./action-list.ts";
import { type BulkAction, type BulkResult, type BulkRun, newRun, partsOf, withResults } from "./bulk-run.ts";

/** Asks part by part; a part that got no answer is refused row by row, and the others go on. */
export function useBulk() {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const cache = useQueryClient();
  const [run, setRun] = useState<BulkRun | null>(null);

  const ask = async (part: readonly Vps[], action: BulkAction): Promise<BulkResult[]> => {
    const vpsIds = part.map((vps) => vps.id);
    try {
      return (await client.vps.bulk.mutate({ vpsIds, action })).results;
    } catch (error) {
      const view = errorViewOf(error);
      return vpsIds.map((vpsId) => ({ vpsId, error: view }));
    }
  };

  const start = async (several: readonly Vps[], action: BulkAction) => {
    const name: BulkActionName = action.type;
    setRun(newRun(name, several));
    for (const part of partsOf(several)) {
      const results = await ask(part, action);
      setRun((before) => before && withResults(before, results));
    }
    void cache.invalidateQueries(trpc.vps.pathFilter());
    void cache.invalidateQueries(trpc.jobs.list.pathFilter());
  };

  return { run, start, close: () => setRun(null) };
}
