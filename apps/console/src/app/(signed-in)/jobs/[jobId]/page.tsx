import { JobPage } from "../../../../jobs/job-page.tsx";
import { Prefetched } from "../../../../trpc/server.tsx";

export default async function Page(props: { params: Promise<{ jobId: string }> }) {
  const { jobId } = await props.params;
  return (
    <Prefetched load={(trpc, cache) => [cache.prefetchQuery(trpc.jobs.get.queryOptions({ jobId }))]}>
      <JobPage jobId={jobId} />
    </Prefetched>
  );
}
