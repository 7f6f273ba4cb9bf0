"use client";
import { Skeleton, Stack } from "@mantine/core";
import type { VpsPage } from "@muster/model/vps";
import { type InfiniteData, type UseInfiniteQueryResult, useInfiniteQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { usePollMs } from "../shell/attended.ts";
import { DataTable } from "../table/data-table.tsx";
import { allOf, NOTHING_SELECTED, type Selection, selectedAmong } from "../table/selection.ts";
import { useTRPC } from "../trpc/client.tsx";
import { FailedQuery } from "../trpc/failed-query.tsx";
import { EmptyNotice } from "../ui/notice.tsx";
import { useVpsActions } from "./actions.tsx";
import { BulkBar } from "./bulk-bar.tsx";
import type { ListState } from "./list-state.ts";
import { vpsListOptions } from "./queries.ts";
import { columnsFor } from "./table-columns.tsx";

type VpsListResult = UseInfiniteQueryResult<InfiniteData<VpsPage>, unknown>;

export function VpsTable({ nodeId, list }: { nodeId?: string; list: ListState }) {
  const trpc = useTRPC();
  const search = useDeferredValue(list.search);
  const query = useInfiniteQuery({
    ...vpsListOptions(trpc, { nodeId, search, sort: list.sort }),
    refetchInterval: usePollMs(),
  });
  const { actionsFor, dialog } = useVpsActions();
  const { selection, setSelection } = useSelectionOf(list.search);
  const everyPage = useEveryPage(query, setSelection);

  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  const total = query.data?.pages.at(-1)?.total ?? rows.length;
  const several = selectedAmong(rows, (vps) => vps.id, selection);
  const content = () => {
    if (query.isPending) return <TableSkeleton />;
    if (query.isError) return <FailedQuery what="The VPSs" error={query.error} onRetry={() => void query.refetch()} />;
    if (total === 0) return <NoVps searched={search !== ""} />;
    return (
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
    );
  };
  // The bar stays while the list comes and goes: it shows what came of an action, and the last VPS may be deleted by it.
  return (
    <>
      {content()}
      <BulkBar
        several={several}
        onClear={() => setSelection(NOTHING_SELECTED)}
        everything={several.length === rows.length && total > rows.length ? { total, ...everyPage } : null}
      />
      {dialog}
    </>
  );
}

/** Another search begins with nothing chosen: what went out of sight does not come back chosen unawares. */
function useSelectionOf(search: string) {
  const [held, setHeld] = useState({ search, selection: NOTHING_SELECTED });
  return {
    selection: held.search === search ? held.selection : NOTHING_SELECTED,
    setSelection: (selection: Selection) => setHeld({ search, selection }),
  };
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
