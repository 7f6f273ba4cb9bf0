"use client";
/** What a change would mean, asked while it is being typed: once a pause in the typing has settled it. */
import { useDebouncedValue } from "@mantine/hooks";
import { type LimitsChange, limitsChangeSchema } from "@muster/model/limits/registry";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTRPC, useTRPCClient } from "../trpc/client.tsx";
import { mergedPreviews, type Previewed, previewParts } from "./preview-parts.ts";

const TYPING_MS = 250;
const FIGURES_AGE_MS = 5_000;

export function useLimitsPreview(several: readonly Previewed[], change: LimitsChange) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const text = JSON.stringify(change);
  const [settledText] = useDebouncedValue(text, TYPING_MS);
  const parts = previewParts(several);
  const query = useQuery({
    queryKey: [...trpc.vps.previewLimits.pathKey(), parts, settledText],
    queryFn: async ({ signal }) => {
      const limits = limitsChangeSchema.parse(JSON.parse(settledText));
      const ask = (vpsIds: string[]) => client.vps.previewLimits.query({ vpsIds, limits }, { signal });
      return mergedPreviews(await Promise.all(parts.map(ask)));
    },
    placeholderData: keepPreviousData,
    staleTime: FIGURES_AGE_MS,
    refetchInterval: FIGURES_AGE_MS,
  });
  /** False while the answer is to an earlier change. */
  const current = settledText === text && !query.isPlaceholderData;
  return { query, current };
}
