"use client";
import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "../trpc/client.tsx";
import { FailedQuery } from "../trpc/failed-query.tsx";
import { Facts } from "../ui/facts.tsx";
import { Panel } from "../ui/panel.tsx";

export function Profile() {
  const trpc = useTRPC();
  const me = useQuery(trpc.session.me.queryOptions());
  return (
    <Panel title="Signed in as">
      {me.isPending && <Skeleton height={40} />}
      {me.isError && <FailedQuery what="The account" error={me.error} onRetry={() => void me.refetch()} />}
      {me.isSuccess && (
        <Facts
          items={[
            ["Name", me.data.name],
            ["E-mail", me.data.email],
            ["Role", me.data.role],
          ]}
        />
      )}
    </Panel>
  );
}
