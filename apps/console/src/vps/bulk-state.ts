"use client";
import type { ErrorView } from "@muster/model/errors";
import type { Vps } from "@muster/model/vps";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC, useTRPCClient } from "../trpc/client.tsx";
import { answeredError } from "../trpc/error-view.ts";
import type { BulkActionName } from "./action-list.ts";
import { type BulkAction, type BulkResult, type BulkRun, newRun, partsOf, withResults } from "./bulk-run.ts";

/** The server may have written jobs down all the same. */
const NO_ANSWER: ErrorView = { code: "internal", message: "The server did not answer." };

/** Asks part by part; an error of a part is the result of each of its rows, and the other parts go on. */
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
      const view = answeredError(error) ?? NO_ANSWER;
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
