"use client";
/** Nodes and their VPSs, always in sight. Virtualised: a tree of a thousand opens as fast as one of ten. */
import { Skeleton, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useRef, useState } from "react";
import { paths } from "../paths.ts";
import { usePollMs } from "../shell/attended.ts";
import { useTRPC } from "../trpc/client.tsx";
import { FailedQuery } from "../trpc/failed-query.tsx";
import { Icon } from "../ui/icon.tsx";
import classes from "./tree.module.css";
import { TreeItem } from "./tree-item.tsx";
import { useTreeKeys } from "./tree-keys.ts";
import { type TreeRow, treeRows } from "./tree-rows.ts";

const ROW_PX = 30;
const FIRST_PAINT = { width: 284, height: 900 };

export function FleetTree() {
  const trpc = useTRPC();
  const pathname = usePathname();
  const [filter, setFilter] = useState("");
  const [chosen, setChosen] = useState<Record<string, boolean>>({});
  const query = useQuery(trpc.fleet.tree.queryOptions(undefined, { refetchInterval: usePollMs() }));
  const currentId = pathname.split("/").at(-1) ?? null;
  const rows = query.data === undefined ? [] : treeRows({ tree: query.data, filter, chosen, currentVpsId: currentId });

  return (
    <div className={classes.tree}>
      <Link
        prefetch={false}
        href={paths.fleet()}
        className={classes.root}
        aria-current={pathname === "/" ? "page" : undefined}
      >
        <Icon name="fleet" size={15} />
        All VPSs
      </Link>
      <input
        className={classes.filter}
        type="search"
        placeholder="Filter the tree"
        aria-label="Filter the tree"
        value={filter}
        onChange={(event) => setFilter(event.currentTarget.value)}
      />
      {query.isPending && <TreeSkeleton />}
      {query.isError && <FailedQuery what="The fleet" error={query.error} onRetry={() => void query.refetch()} />}
      {query.data !== undefined && rows.length === 0 && (
        <p className={classes.none}>{filter === "" ? "No node has joined yet." : "Nothing matches."}</p>
      )}
      {rows.length > 0 && (
        <Rows
          rows={rows}
          askedAtMs={query.dataUpdatedAt}
          currentId={currentId}
          onOpen={(nodeId, open) => setChosen((before) => ({ ...before, [nodeId]: open }))}
        />
      )}
    </div>
  );
}

interface RowsProps {
  rows: TreeRow[];
  askedAtMs: number;
  currentId: string | null;
  onOpen: (nodeId: string, open: boolean) => void;
}

function Rows({ rows, askedAtMs, currentId, onOpen }: RowsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    initialRect: FIRST_PAINT,
  });
  const keys = useTreeKeys({ rows, onOpen, scroller, reveal: (index) => virtual.scrollToIndex(index) });

  return (
    <div ref={scroller} className={classes.scroller}>
      <div role="tree" aria-label="Fleet" style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          if (row === undefined) return null;
          return (
            <TreeItem
              key={row.id}
              row={row}
              index={index}
              top={start}
              askedAtMs={askedAtMs}
              current={row.id === currentId}
              focusable={index === Math.min(keys.focused, rows.length - 1)}
              onFocus={() => keys.setFocused(index)}
              onKeyDown={keys.onKeyDown}
              onToggle={(open) => onOpen(row.entry.node.id, open)}
            />
          );
        })}
      </div>
    </div>
  );
}

const SKELETON_ROWS = ["a", "b", "c", "d", "e", "f"];

function TreeSkeleton() {
  return (
    <Stack gap={8} p={12} role="status" aria-label="Loading the fleet">
      {SKELETON_ROWS.map((row) => (
        <Skeleton key={row} height={18} radius="sm" />
      ))}
    </Stack>
  );
}
