"use client";
import { Skeleton } from "@mantine/core";
import { formatBytes } from "@muster/model/units";
import type { AllocationChange, Vps } from "@muster/model/vps";
import { useQuery } from "@tanstack/react-query";
import { SimpleTable } from "../table/simple-table.tsx";
import { useTRPC } from "../trpc/client.tsx";
import { FailedQuery } from "../trpc/failed-query.tsx";
import { Facts } from "../ui/facts.tsx";
import { Meter } from "../ui/meter.tsx";
import { Panel } from "../ui/panel.tsx";
import { RelativeTime } from "../ui/relative-time.tsx";

const RESOURCE = {
  cpuCores: { name: "CPU", format: (value: number) => `${value} ${value === 1 ? "core" : "cores"}` },
  memoryBytes: { name: "Memory", format: formatBytes },
  diskBytes: { name: "Disk", format: formatBytes },
  pidsMax: { name: "Processes", format: (value: number) => value.toLocaleString("en-GB") },
} as const satisfies Record<AllocationChange["resource"], { name: string; format: (value: number) => string }>;

export function VpsResources({ vps }: { vps: Vps }) {
  const { spec, status } = vps;
  const used = status?.diskUsedBytes ?? null;
  return (
    <>
      <Panel title="Limits">
        <Facts
          items={[
            ["CPU quota", RESOURCE.cpuCores.format(spec.cpuCores)],
            ["Memory limit", formatBytes(spec.memoryBytes)],
            ["Disk limit of the private area", formatBytes(spec.diskBytes)],
            ["Processes at most", RESOURCE.pidsMax.format(spec.pidsMax)],
          ]}
        />
      </Panel>
      <Panel title="Disk">
        {used === null ? (
          "The node has not said yet how much is used."
        ) : (
          <Meter
            label="Private area"
            value={used}
            max={spec.diskBytes}
            text={`${formatBytes(used)} of ${formatBytes(spec.diskBytes)}`}
          />
        )}
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
      rows={query.data.items.map((change) => {
        const { name, format } = RESOURCE[change.resource];
        return {
          key: `${change.at}/${change.resource}`,
          cells: [
            <RelativeTime key="at" at={change.at} />,
            name,
            change.from === null ? "at creation" : format(change.from),
            format(change.to),
            change.actor,
          ],
        };
      })}
    />
  );
}
