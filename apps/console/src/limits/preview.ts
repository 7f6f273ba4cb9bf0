"use client";
/** What a change would mean, asked while it is being typed: once a pause in the typing has settled it. */
import { useDebouncedValue } from "@mantine/hooks";
import { type LimitsChange, limitsChangeSchema } from "@muster/model/limits/registry";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTRPC } from "../trpc/client.tsx";

const TYPING_MS = 250;
const FIGURES_AGE_MS = 5_000;

export function useLimitsPreview(vpsIds: readonly string[], limits: LimitsChange) {
  const trpc = useTRPC();
  const text = JSON.stringify(limits);
  const [settledText] = useDebouncedValue(text, TYPING_MS);
  const query = useQuery(
    trpc.vps.previewLimits.queryOptions(
      { vpsIds: [...vpsIds], limits: limitsChangeSchema.parse(JSON.parse(settledText)) },
      { placeholderData: keepPreviousData, staleTime: FIGURES_AGE_MS, refetchInterval: FIGURES_AGE_MS },
    ),
  );
  /** False while the answer is to an earlier change. */
  const current = settledText === text && !query.isPlaceholderData;
  return { query, current };
}
