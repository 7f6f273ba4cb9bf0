/** How jobs are asked for: the same by the console's process for the first paint and by the browser afterwards. */
import type { AppRouter } from "@muster/api/root";
import { keepPreviousData } from "@tanstack/react-query";
import type { TRPCOptionsProxy } from "@trpc/tanstack-react-query";
import type { JobListFilter } from "./filter.ts";

/** What the task panel asks for. */
export const RECENT_JOBS = { limit: 30 } as const;
/** They wait for a person, however long ago that was. */
export const STUCK_JOBS = { states: ["stuck" as const], limit: 10 };
/** For their number: more may be under way than are shown. */
export const ACTIVE_JOBS = { active: true, limit: 1 } as const;

const PAGE = 100;

export function historyOptions(trpc: TRPCOptionsProxy<AppRouter>, filter: JobListFilter) {
  return trpc.jobs.list.infiniteQueryOptions(
    { ...filter, limit: PAGE },
    { getNextPageParam: (page) => page.nextCursor, placeholderData: keepPreviousData },
  );
}
