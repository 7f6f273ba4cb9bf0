import { Prefetched } from "../../../../trpc/server.tsx";
import { VpsPage } from "../../../../vps/vps-page.tsx";

export default async function Page(props: { params: Promise<{ vpsId: string }> }) {
  const { vpsId } = await props.params;
  return (
    <Prefetched load={(trpc, cache) => [cache.prefetchQuery(trpc.vps.get.queryOptions({ vpsId }))]}>
      <VpsPage vpsId={vpsId} />
    </Prefetched>
  );
}
