import { askedOf, filterOf } from "../../../jobs/filter.ts";
import { JobHistory } from "../../../jobs/history.tsx";
import { historyOptions } from "../../../jobs/queries.ts";
import { Prefetched } from "../../../trpc/server.tsx";
import { PageHeader } from "../../../ui/page-header.tsx";

export const metadata = { title: "History · Muster" };

const MINUTE_MS = 60_000;

export default async function Page(props: { searchParams: Promise<Record<string, string | string[] | undefined>> }) {
  const parameters = await props.searchParams;
  const filter = filterOf((name) => parameters[name]?.toString());
  const minute = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  return (
    <Prefetched
      load={(trpc, cache) => [cache.prefetchInfiniteQuery(historyOptions(trpc, askedOf(filter, {}, minute)))]}
    >
      <PageHeader title="History" />
      <JobHistory />
    </Prefetched>
  );
}
