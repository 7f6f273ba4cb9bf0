"use client";
import { Button, Skeleton, Stack } from "@mantine/core";
import type { NodeDetail, NodeInventory } from "@muster/model/node";
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import Link from "next/link";
import { type ReactNode, useState } from "react";
import { JobHistory } from "../jobs/history.tsx";
import { paths } from "../paths.ts";
import { usePollMs } from "../shell/attended.ts";
import { UrlTabs } from "../shell/url-tabs.tsx";
import { useTRPC } from "../trpc/client.tsx";
import { FailedQuery } from "../trpc/failed-query.tsx";
import { isStale, LastHeard } from "../ui/freshness.tsx";
import { Icon } from "../ui/icon.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SimulatedBadge } from "../ui/simulated-badge.tsx";
import { Capabilities } from "./capabilities.tsx";
import { NodeHealthMark } from "./health.tsx";
import { Inventory } from "./inventory.tsx";
import { LimitFindings } from "./limit-findings.tsx";
import { Nics } from "./nics.tsx";
import { NodeOverview } from "./overview.tsx";
import { NodePolicy } from "./policy.tsx";
import { ReportedInventory } from "./reported-inventory.tsx";
import { NodeTemplates } from "./templates.tsx";
import { NodeVps } from "./vps.tsx";

const RemoveNodeDialog = dynamic(() => import("./remove-dialog.tsx").then((file) => file.RemoveNodeDialog), {
  ssr: false,
});

export function NodePage({ nodeId }: { nodeId: string }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.nodes.get.queryOptions({ nodeId }, { refetchInterval: usePollMs() }));
  return (
    <>
      <title>{`${query.data?.name ?? "Node"} · Muster`}</title>
      <NodeContent query={query} />
    </>
  );
}

function NodeContent({ query }: { query: UseQueryResult<NodeDetail, unknown> }) {
  if (query.isPending) return <PageSkeleton />;
  if (query.data === undefined) {
    return <FailedQuery what="This node" error={query.error} onRetry={() => void query.refetch()} />;
  }
  const node = query.data;
  const stale = isStale({ observedAt: node.observedAt, askedAtMs: query.dataUpdatedAt });
  const reported = (show: (inventory: NodeInventory) => ReactNode) => (
    <ReportedInventory node={node} stale={stale}>
      {show}
    </ReportedInventory>
  );
  return (
    <>
      <PageHeader
        title={node.name}
        trail={
          <Link prefetch={false} href={paths.fleet()}>
            Fleet
          </Link>
        }
        marks={<Marks node={node} stale={stale} />}
        actions={<Actions node={node} />}
      />
      <UrlTabs
        label="Node"
        tabs={[
          { name: "overview", label: "Overview", content: () => <NodeOverview node={node} stale={stale} /> },
          { name: "vps", label: "VPSs", content: () => <NodeVps nodeId={node.id} /> },
          { name: "policy", label: "Policy", content: () => <NodePolicy node={node} /> },
          {
            name: "inventory",
            label: "Inventory",
            content: () => reported((found) => <Inventory inventory={found} />),
          },
          { name: "nics", label: "NICs", content: () => reported((found) => <Nics nics={found.nics} />) },
          { name: "templates", label: "Templates", content: () => <NodeTemplates node={node} /> },
          {
            name: "capabilities",
            label: "Capabilities",
            content: () =>
              reported((found) => (
                <>
                  <Capabilities capabilities={found.capabilities} />
                  <LimitFindings inventory={found} />
                </>
              )),
          },
          { name: "history", label: "History", content: () => <JobHistory within={{ nodeId: node.id }} embedded /> },
        ]}
      />
    </>
  );
}

function Actions({ node }: { node: NodeDetail }) {
  const [removing, setRemoving] = useState(false);
  return (
    <>
      <Button
        component={Link}
        prefetch={false}
        href={paths.newVps({ node: node.id })}
        leftSection={<Icon name="plus" size={14} />}
      >
        Create VPS
      </Button>
      <Button
        variant="outline"
        color="var(--failed)"
        leftSection={<Icon name="trash" size={14} />}
        onClick={() => setRemoving(true)}
      >
        Remove node
      </Button>
      {removing && <RemoveNodeDialog node={node} onClose={() => setRemoving(false)} />}
    </>
  );
}

function Marks({ node, stale }: { node: NodeDetail; stale: boolean }) {
  return (
    <>
      <NodeHealthMark health={node.health} filled />
      {node.simulated && <SimulatedBadge />}
      {stale && <LastHeard observedAt={node.observedAt} />}
    </>
  );
}

function PageSkeleton() {
  return (
    <Stack p={20} gap="md" role="status" aria-label="Loading the node">
      <Skeleton height={34} width={280} />
      <Skeleton height={30} width={520} />
      <Skeleton height={220} />
    </Stack>
  );
}
