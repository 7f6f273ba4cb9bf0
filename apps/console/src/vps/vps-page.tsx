"use client";
import { Skeleton, Stack } from "@mantine/core";
import type { Vps } from "@muster/model/vps";
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { JobHistory } from "../jobs/history.tsx";
import { paths } from "../paths.ts";
import { usePollMs } from "../shell/attended.ts";
import { UrlTabs } from "../shell/url-tabs.tsx";
import { useTRPC } from "../trpc/client.tsx";
import { errorViewOf } from "../trpc/error-view.ts";
import { FailedQuery } from "../trpc/failed-query.tsx";
import { ActionButton } from "../ui/action-button.tsx";
import { LastHeard } from "../ui/freshness.tsx";
import { Icon } from "../ui/icon.tsx";
import { EmptyNotice } from "../ui/notice.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SimulatedBadge } from "../ui/simulated-badge.tsx";
import type { VpsAction } from "./action-list.ts";
import { useVpsActions } from "./actions.tsx";
import { VpsNotSetBackNotice } from "./not-set-back-notice.tsx";
import { VpsOverview } from "./overview.tsx";
import { VpsResources } from "./resources.tsx";
import { VpsStateMark } from "./state.tsx";
import { TerminalTab } from "./terminal-tab.tsx";

export function VpsPage({ vpsId }: { vpsId: string }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.vps.get.queryOptions({ vpsId }, { refetchInterval: usePollMs() }));
  return (
    <>
      <title>{`${query.data?.spec.name ?? "VPS"} · Muster`}</title>
      <VpsContent query={query} />
    </>
  );
}

function VpsContent({ query }: { query: UseQueryResult<Vps, unknown> }) {
  const { actionsFor, dialog } = useVpsActions();

  if (query.isPending) return <PageSkeleton />;
  if (query.isError && errorViewOf(query.error).code === "not_found") return <Gone />;
  if (query.data === undefined) {
    return <FailedQuery what="This VPS" error={query.error} onRetry={() => void query.refetch()} />;
  }
  const vps = query.data;
  return (
    <>
      <PageHeader
        title={vps.spec.name}
        trail={
          <>
            <Link prefetch={false} href={paths.fleet()}>
              Fleet
            </Link>
            {" / "}
            <Link prefetch={false} href={paths.node(vps.nodeId)}>
              {vps.nodeName}
            </Link>
          </>
        }
        marks={<Marks vps={vps} />}
        actions={<Actions actions={actionsFor(vps)} />}
      />
      <VpsNotSetBackNotice vpsId={vps.id} />
      <UrlTabs
        label="VPS"
        tabs={[
          { name: "overview", label: "Overview", content: () => <VpsOverview vps={vps} /> },
          { name: "resources", label: "Resources", content: () => <VpsResources vps={vps} /> },
          {
            name: "history",
            label: "History",
            content: () => <JobHistory within={{ vpsId: vps.id }} embedded />,
          },
          { name: "terminal", label: "Terminal", content: () => <TerminalTab vps={vps} /> },
        ]}
      />
      {dialog}
    </>
  );
}

/** Nothing is wrong when a VPS is gone: somebody deleted it, and the history says who. */
function Gone() {
  return (
    <EmptyNotice
      title="This VPS is gone"
      icon="trash"
      action={
        <Link prefetch={false} href={paths.fleet()}>
          Back to the fleet
        </Link>
      }
    >
      It was deleted, or could not be made. The history of its jobs, under History, says which.
    </EmptyNotice>
  );
}

function Marks({ vps }: { vps: Vps }) {
  return (
    <>
      <output aria-label="State">
        <VpsStateMark state={vps.state} filled />
      </output>
      {vps.simulated && <SimulatedBadge />}
      {vps.state === "unknown" && vps.status !== null && (
        <LastHeard observedAt={new Date(vps.status.observedAtMs).toISOString()} />
      )}
    </>
  );
}

function Actions({ actions }: { actions: VpsAction[] }) {
  return actions
    .filter((action) => action.tab !== true)
    .map(({ name, label, icon, danger, disabledReason, run }) => (
      <ActionButton
        key={name}
        variant={danger === true ? "outline" : "default"}
        {...(danger === true ? { color: "var(--failed)" } : {})}
        leftSection={<Icon name={icon} size={14} />}
        disabledReason={disabledReason}
        onPress={run}
      >
        {label}
      </ActionButton>
    ));
}

function PageSkeleton() {
  return (
    <Stack p={20} gap="md" role="status" aria-label="Loading the VPS">
      <Skeleton height={34} width={280} />
      <Skeleton height={30} width={420} />
      <Skeleton height={220} />
    </Stack>
  );
}
