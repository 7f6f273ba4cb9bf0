"use client";
/** What is on a node and in no inventory: shown, taken in when somebody says so, never deleted. */
import { Button } from "@mantine/core";
import type { Orphan } from "@muster/model/node";
import type { PlacementState } from "@muster/model/vps";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import type { ReactNode } from "react";
import { paths } from "../paths.ts";
import { usePollMs } from "../shell/attended.ts";
import { type Column, DataTable } from "../table/data-table.tsx";
import { useTRPC } from "../trpc/client.tsx";
import { FailedQuery } from "../trpc/failed-query.tsx";
import { Panel } from "../ui/panel.tsx";
import { RelativeTime } from "../ui/relative-time.tsx";
import { StateMark, type Tone } from "../ui/state-mark.tsx";
import { type Adoption, useAdoption } from "./adoption.ts";
import { orphanCountText } from "./orphan-count.ts";
import classes from "./orphans.module.css";

const TONE = {
  preparing: "busy",
  stopped: "stopped",
  running: "running",
  broken: "failed",
} as const satisfies Record<PlacementState, Tone>;

function useOrphans(nodeId: string | undefined) {
  const trpc = useTRPC();
  const query = useQuery(trpc.nodes.orphans.queryOptions(undefined, { refetchInterval: usePollMs() }));
  const items = query.data?.items.filter((orphan) => nodeId === undefined || orphan.nodeId === nodeId) ?? [];
  return { query, items };
}

/** Of the whole fleet, or of one node. Nothing where there is none. */
export function Orphans({ nodeId }: { nodeId?: string }) {
  const { query, items } = useOrphans(nodeId);
  const adoption = useAdoption();
  if (query.isError) {
    return <FailedQuery what="What is in no inventory" error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (items.length === 0) return null;
  const left = items.filter((orphan) => adoption.of(orphan).state !== "asked");
  return (
    <Panel
      flush
      title={orphanCountText(items.length)}
      aside={
        <Button
          variant="default"
          size="compact-sm"
          loading={adoption.busy}
          disabled={left.length === 0}
          onClick={() => adoption.adopt(left)}
        >
          {items.length === 1 ? "Adopt it" : "Adopt all"}
        </Button>
      }
    >
      <p className={classes.intro}>
        A node has them and this fleet did not know of them: from before a database was lost, or from another server.
        They go on as they are; adopted, they are managed from here.
      </p>
      <div className={classes.table} style={{ height: heightOf(items.length) }}>
        <DataTable
          label="VPSs in no inventory"
          columns={columnsFor(adoption, nodeId === undefined)}
          rows={items}
          total={items.length}
          rowKey={(orphan) => `${orphan.nodeId}/${orphan.vpsId}`}
        />
      </div>
    </Panel>
  );
}

/** All rows of a short list; of a long one a part, and it scrolls. */
function heightOf(rows: number): number {
  return Math.min(rows, 6) * 38 + 37;
}

function columnsFor(adoption: Adoption, withNode: boolean): Column<Orphan, never>[] {
  const node: Column<Orphan, never> = {
    id: "node",
    header: "Node",
    width: "18%",
    cell: (orphan) => (
      <Link prefetch={false} href={paths.node(orphan.nodeId)}>
        {orphan.nodeName}
      </Link>
    ),
  };
  return [
    { id: "name", header: "Name", width: "20%", cell: (orphan) => <strong>{orphan.spec.name}</strong> },
    {
      id: "state",
      header: "State",
      width: "116px",
      cell: ({ state }) => <StateMark tone={TONE[state]} label={state} />,
    },
    ...(withNode ? [node] : []),
    { id: "address", header: "Address", width: "128px", cell: (orphan) => orphan.spec.address },
    { id: "found", header: "Found", width: "108px", cell: (orphan) => <RelativeTime at={orphan.foundAt} /> },
    { id: "adopt", header: "Adopt", align: "end", cell: (orphan) => <AdoptCell orphan={orphan} adoption={adoption} /> },
  ];
}

function AdoptCell({ orphan, adoption }: { orphan: Orphan; adoption: Adoption }): ReactNode {
  const told = adoption.of(orphan);
  if (told.state === "asked") {
    return (
      <Link prefetch={false} href={paths.job(told.jobId)}>
        being adopted
      </Link>
    );
  }
  return (
    <span className={classes.adopt}>
      {told.state === "refused" && (
        <span className={classes.refused} title={told.reason}>
          {told.reason}
        </span>
      )}
      <Button
        variant="default"
        size="compact-xs"
        aria-label={`Adopt ${orphan.spec.name}`}
        onClick={() => adoption.adopt([orphan])}
      >
        Adopt
      </Button>
    </span>
  );
}
