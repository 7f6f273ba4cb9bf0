/** How the list of VPSs is asked for: the same by the console's process for the first paint and by the browser afterwards. */
import type { AppRouter } from "@muster/api/root";
import { keepPreviousData } from "@tanstack/react-query";
import type { inferRouterInputs } from "@trpc/server";
import type { TRPCOptionsProxy } from "@trpc/tanstack-react-query";

type VpsListInput = inferRouterInputs<AppRouter>["vps"]["list"];
export type VpsSort = NonNullable<VpsListInput["sort"]>;

export interface VpsListQuery {
  nodeId?: string | undefined;
  search: string;
  sort: VpsSort;
}

export const DEFAULT_SORT: VpsSort = { field: "name", direction: "asc" };
const PAGE = 200;

export function vpsListOptions(trpc: TRPCOptionsProxy<AppRouter>, query: VpsListQuery) {
  return trpc.vps.list.infiniteQueryOptions(
    { nodeId: query.nodeId, search: query.search || undefined, sort: query.sort, limit: PAGE },
    { getNextPageParam: (page) => page.nextCursor, placeholderData: keepPreviousData },
  );
}
