"use client";
/** What is on a node and in no inventory: shown, taken in when somebody says so, never deleted. */
import type { Orphan } from "@muster/model/node";
import type { PlacementState } from "@muster/model/vps";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import type { ReactNode } from "react";
import { paths } from "../paths.ts";
import { usePollMs } from "../shell/attended.ts";
import { SimpleTable } from "../table/simple-table.tsx";
import { useTRPC } from "../trpc/client.tsx";
import { FailedQuery } from "../trpc/failed-query.tsx";
import { ActionButton } from "../ui/action-button.tsx";
import { LastHeard } from "../ui/freshness.tsx";
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

/** A node that answers is asked every 5 s what it has (watchers/orphans.ts): three rounds without it are silence. */
const UNSEEN_MS = 15_000;

const SHOWN_AT_MOST = 200;

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
  const left = items.filter((orphan) => orphan.adoptRefusal === null && adoption.of(orphan).state !== "asked");
  const shown = items.slice(0, SHOWN_AT_MOST);
  return (
    <Panel
      flush
      title={orphanCountText(items.length)}
      aside={
        <ActionButton
          variant="default"
          size="compact-sm"
          loading={adoption.busy}
          disabledReason={left.length === 0 ? "None of them is left that can be adopted." : null}
          onPress={() => adoption.adopt(left)}
        >
          {items.length === 1 ? "Adopt it" : "Adopt all"}
        </ActionButton>
      }
    >
      <p className={classes.intro}>
        A node has them and this fleet did not know of them: from before a database was lost, or from another server.
        They go on as they are; adopted, they are managed from here.
      </p>
      <div className={classes.table}>
        <SimpleTable
          label="VPSs in no inventory"
          empty="None."
          head={["Name", "State", ...(nodeId === undefined ? ["Node"] : []), "Address", "Found", "Adopt"]}
          rows={shown.map((orphan) => ({
            key: `${orphan.nodeId}/${orphan.vpsId}`,
            cells: cellsOf(orphan, { adoption, withNode: nodeId === undefined, askedAtMs: query.dataUpdatedAt }),
          }))}
        />
      </div>
      {items.length > shown.length && (
        <p className={classes.intro}>And {items.length - shown.length} more; “Adopt all” takes them in too.</p>
      )}
    </Panel>
  );
}

interface Sight {
  adoption: Adoption;
  withNode: boolean;
  /** When this page was last told of it. */
  askedAtMs: number;
}

function cellsOf(orphan: Orphan, { adoption, withNode, askedAtMs }: Sight): ReactNode[] {
  const node = (
    <Link key="node" prefetch={false} href={paths.node(orphan.nodeId)}>
      {orphan.nodeName}
    </Link>
  );
  return [
    <strong key="name">{orphan.spec.name}</strong>,
    <OrphanState key="state" orphan={orphan} askedAtMs={askedAtMs} />,
    ...(withNode ? [node] : []),
    orphan.spec.address,
    <RelativeTime key="found" at={orphan.foundAt} />,
    <AdoptCell key="adopt" orphan={orphan} adoption={adoption} />,
  ];
}

/** What was true when its node was last heard is not known to be true now. */
function OrphanState({ orphan: { state, observedAt }, askedAtMs }: { orphan: Orphan; askedAtMs: number }): ReactNode {
  if (askedAtMs - Date.parse(observedAt) <= UNSEEN_MS) return <StateMark tone={TONE[state]} label={state} />;
  return (
    <span className={classes.line}>
      <StateMark tone="unknown" label="unknown" />
      <LastHeard observedAt={observedAt} />
    </span>
  );
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
  const refusal = told.state === "refused" ? told.reason : orphan.adoptRefusal;
  return (
    <span className={classes.line}>
      <ActionButton
        variant="default"
        size="compact-xs"
        label={`Adopt ${orphan.spec.name}`}
        disabledReason={orphan.adoptRefusal}
        onPress={() => adoption.adopt([orphan])}
      >
        Adopt
      </ActionButton>
      {refusal !== null && <span className={classes.refused}>{refusal}</span>}
    </span>
  );
}
