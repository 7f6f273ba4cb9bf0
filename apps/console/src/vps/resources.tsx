"use client";
import { Skeleton } from "@mantine/core";
import { LIMIT_NAMES, LIMITS } from "@muster/model/limits/registry";
import type { Vps } from "@muster/model/vps";
import { useQuery } from "@tanstack/react-query";
import { formatLimit } from "../limits/value.ts";
import { SimpleTable } from "../table/simple-table.tsx";
import { useTRPC } from "../trpc/client.tsx";
import { FailedQuery } from "../trpc/failed-query.tsx";
import { Facts } from "../ui/facts.tsx";
import { Panel } from "../ui/panel.tsx";
import { RelativeTime } from "../ui/relative-time.tsx";

export function VpsResources({ vps }: { vps: Vps }) {
  return (
    <>
      <Panel title="Limits">
        <Facts
          items={LIMIT_NAMES.map((name) => [LIMITS[name].title, formatLimit(name, vps.spec.limits[name])] as const)}
        />
      </Panel>
      <Panel title="Allocation history">
        <History vpsId={vps.id} />
      </Panel>
    </>
  );
}

function History({ vpsId }: { vpsId: string }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.vps.allocations.queryOptions({ vpsId }));
  if (query.isPending) return <Skeleton height={90} />;
  if (query.isError) return <FailedQuery what="The history" error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <SimpleTable
      label="Allocation history"
      empty="Nothing has been allocated yet."
      head={["When", "Resource", "From", "To", "By"]}
      rows={query.data.items.map((change) => ({
        key: change.id,
        cells: [
          <RelativeTime key="at" at={change.at} />,
          LIMITS[change.limit].title,
          change.from === undefined ? "at creation" : formatLimit(change.limit, change.from),
          formatLimit(change.limit, change.to),
          change.actor,
        ],
      }))}
    />
  );
}
