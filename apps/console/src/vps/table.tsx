"use client";
import { Skeleton, Stack } from "@mantine/core";
import type { Vps, VpsPage } from "@muster/model/vps";
import { type InfiniteData, type UseInfiniteQueryResult, useInfiniteQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useDeferredValue, useState } from "react";
import { formatLimit } from "../limits/value.ts";
import { paths } from "../paths.ts";
import { usePollMs } from "../shell/attended.ts";
import { type Column, DataTable } from "../table/data-table.tsx";
import { allOf, NOTHING_SELECTED, type Selection, selectedAmong } from "../table/selection.ts";
import { useTRPC } from "../trpc/client.tsx";
import { FailedQuery } from "../trpc/failed-query.tsx";
import { EmptyNotice } from "../ui/notice.tsx";
import { RelativeTime } from "../ui/relative-time.tsx";
import { SimulatedBadge } from "../ui/simulated-badge.tsx";
import type { VpsAction } from "./action-list.ts";
import { useVpsActions } from "./actions.tsx";
import { BulkBar } from "./bulk-bar.tsx";
import type { ListState } from "./list-state.ts";
import { type VpsSort, vpsListOptions } from "./queries.ts";
import { RowMenu } from "./row-menu.tsx";
import { VpsStateMark } from "./state.tsx";
import classes from "./table.module.css";

type VpsListResult = UseInfiniteQueryResult<InfiniteData<VpsPage>, unknown>;
type VpsColumn = Column<Vps, VpsSort["field"]>;

function columnsFor(actionsFor: (vps: Vps) => VpsAction[], withNode: boolean): VpsColumn[] {
  const node: VpsColumn = {
    id: "node",
    header: "Node",
    width: "15%",
    sortField: "node",
    cell: (vps) => (
      <Link prefetch={false} href={paths.node(vps.nodeId)}>
        {vps.nodeName}
      </Link>
    ),
  };
  return [
    { id: "name", header: "Name", sortField: "name", cell: (vps) => <NameCell vps={vps} /> },
    { id: "state", header: "State", width: "120px", sortField: "state", cell: (vps) => <StateCell vps={vps} /> },
    ...(withNode ? [node] : []),
    { id: "address", header: "Address", width: "128px", sortField: "address", cell: (vps) => vps.spec.address },
    {
      id: "cpu",
      header: "CPU",
      width: "92px",
      sortField: "cpuCores",
      align: "end",
      cell: (vps) => formatLimit("cpu.cores", vps.spec.limits["cpu.cores"]),
    },
    {
      id: "memory",
      header: "Memory",
      width: "98px",
      sortField: "memoryBytes",
      align: "end",
      cell: (vps) => formatLimit("memory.max", vps.spec.limits["memory.max"]),
    },
    {
      id: "disk",
      header: "Disk",
      width: "88px",
      align: "end",
      cell: (vps) => formatLimit("disk.max", vps.spec.limits["disk.max"]),
    },
    {
      id: "created",
      header: "Created",
      width: "112px",
      sortField: "createdAt",
      cell: (vps) => <RelativeTime at={vps.createdAt} />,
    },
    {
      id: "actions",
      header: "Actions",
      width: "76px",
      align: "end",
      cell: (vps) => <RowMenu name={vps.spec.name} actions={() => actionsFor(vps)} />,
    },
  ];
}

function NameCell({ vps }: { vps: Vps }) {
  return (
    <span className={classes.name}>
      <Link prefetch={false} className={classes.link} href={paths.vps(vps.id)}>
        {vps.spec.name}
      </Link>
      {vps.simulated && <SimulatedBadge />}
    </span>
  );
}

function StateCell({ vps }: { vps: Vps }) {
  return (
    <span title={vps.stateReason ?? undefined}>
      <VpsStateMark state={vps.state} />
    </span>
  );
}

export function VpsTable({ nodeId, list }: { nodeId?: string; list: ListState }) {
  const trpc = useTRPC();
  const search = useDeferredValue(list.search);
  const query = useInfiniteQuery({
    ...vpsListOptions(trpc, { nodeId, search, sort: list.sort }),
    refetchInterval: usePollMs(),
  });
  const { actionsFor, dialog } = useVpsActions();
  const [selection, setSelection] = useState(NOTHING_SELECTED);
  const everyPage = useEveryPage(query, setSelection);

  if (query.isPending) return <TableSkeleton />;
  if (query.isError) return <FailedQuery what="The VPSs" error={query.error} onRetry={() => void query.refetch()} />;
  const rows = query.data.pages.flatMap((page) => page.items);
  const total = query.data.pages.at(-1)?.total ?? rows.length;
  const several = selectedAmong(rows, (vps) => vps.id, selection);
  if (total === 0) return <NoVps searched={search !== ""} />;
  return (
    <>
      <DataTable
        label="VPSs"
        columns={columnsFor(actionsFor, nodeId === undefined)}
        rows={rows}
        total={total}
        rowKey={(vps) => vps.id}
        sort={list.sort}
        onSort={list.setSort}
        onEnd={() => {
          if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage();
        }}
        isStale={(vps) => vps.state === "unknown"}
        selecting={{ selection, onSelect: setSelection, labelOf: (vps) => `Select ${vps.spec.name}` }}
      />
      <BulkBar
        several={several}
        onClear={() => setSelection(NOTHING_SELECTED)}
        everything={several.length === rows.length && total > rows.length ? { total, ...everyPage } : null}
      />
      {dialog}
    </>
  );
}

/** Reads the pages that are not there yet, then chooses all of them. */
function useEveryPage(query: VpsListResult, onSelect: (selection: Selection) => void) {
  const [loading, setLoading] = useState(false);
  const select = async () => {
    setLoading(true);
    let result = await query.fetchNextPage();
    while (result.hasNextPage && !result.isError) result = await result.fetchNextPage();
    setLoading(false);
    onSelect(allOf(result.data?.pages.flatMap((page) => page.items.map((vps) => vps.id)) ?? []));
  };
  return { loading, select: () => void select() };
}

function NoVps({ searched }: { searched: boolean }) {
  if (searched) {
    return (
      <EmptyNotice title="Nothing matches" icon="search">
        No VPS has this in its name, node, state or address.
      </EmptyNotice>
    );
  }
  return (
    <EmptyNotice title="No VPS yet" icon="vps">
      A VPS is made from a template in about a second. Create the first one with the button above.
    </EmptyNotice>
  );
}

const SKELETON_ROWS = ["a", "b", "c", "d", "e", "f", "g", "h"];

function TableSkeleton() {
  return (
    <Stack gap={10} p="md" role="status" aria-label="Loading VPSs">
      {SKELETON_ROWS.map((row) => (
        <Skeleton key={row} height={22} radius="sm" />
      ))}
    </Stack>
  );
}
