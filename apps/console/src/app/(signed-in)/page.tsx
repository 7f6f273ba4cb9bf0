import { FleetPage } from "../../fleet/fleet-page.tsx";
import { Prefetched } from "../../trpc/server.tsx";
import { DEFAULT_SORT, vpsListOptions } from "../../vps/queries.ts";
import { parseSort } from "../../vps/sort.ts";

export const metadata = { title: "Fleet · Muster" };

export default async function Page(props: {
  searchParams: Promise<{ search?: string | string[]; sort?: string | string[] }>;
}) {
  const { search, sort } = await props.searchParams;
  const query = { search: String(search ?? ""), sort: parseSort(String(sort ?? "")) ?? DEFAULT_SORT };
  return (
    <Prefetched load={(trpc, cache) => [cache.prefetchInfiniteQuery(vpsListOptions(trpc, query))]}>
      <FleetPage />
    </Prefetched>
  );
}
