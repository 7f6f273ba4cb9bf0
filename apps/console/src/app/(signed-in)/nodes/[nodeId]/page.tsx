import { NodePage } from "../../../../nodes/node-page.tsx";
import { Prefetched } from "../../../../trpc/server.tsx";

export default async function Page(props: { params: Promise<{ nodeId: string }> }) {
  const { nodeId } = await props.params;
  return (
    <Prefetched load={(trpc, cache) => [cache.prefetchQuery(trpc.nodes.get.queryOptions({ nodeId }))]}>
      <NodePage nodeId={nodeId} />
    </Prefetched>
  );
}
