"use client";
/** Keys for scripts. A key is shown once; afterwards only its first characters are known. */
import { Button, Group, Skeleton, Stack, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { FormError } from "../form/form-error.tsx";
import { SimpleTable } from "../table/simple-table.tsx";
import { useTRPC } from "../trpc/client.tsx";
import { errorViewOf } from "../trpc/error-view.ts";
import { FailedQuery } from "../trpc/failed-query.tsx";
import { CopyField } from "../ui/copy-field.tsx";
import { Panel } from "../ui/panel.tsx";
import { RelativeTime } from "../ui/relative-time.tsx";
import { showToast } from "../ui/toasts.tsx";

export function ApiKeys() {
  return (
    <Panel title="API keys">
      <Stack gap="md">
        <NewKey />
        <KeyTable />
      </Stack>
    </Panel>
  );
}

function NewKey() {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const [name, setName] = useState("");
  const create = useMutation(
    trpc.apiKeys.create.mutationOptions({
      onSuccess: () => {
        setName("");
        void cache.invalidateQueries(trpc.apiKeys.pathFilter());
      },
    }),
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate({ name });
      }}
    >
      <Stack gap="sm">
        <Group align="flex-end" gap="xs">
          <TextInput
            label="Name of the key"
            placeholder="nightly-report"
            required
            withAsterisk={false}
            maxLength={32}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button type="submit" size="sm" loading={create.isPending}>
            Create key
          </Button>
        </Group>
        {create.isError && <FormError>{errorViewOf(create.error).message}</FormError>}
        {create.isSuccess && <CopyField label="New key, shown this once" value={create.data.key} />}
      </Stack>
    </form>
  );
}

function KeyTable() {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const keys = useQuery(trpc.apiKeys.list.queryOptions());
  const revoke = useMutation(
    trpc.apiKeys.revoke.mutationOptions({
      onSuccess: () => void cache.invalidateQueries(trpc.apiKeys.pathFilter()),
      onError: (error) =>
        showToast({ kind: "failed", title: "The key was not revoked", text: errorViewOf(error).message }),
    }),
  );
  if (keys.isPending) return <Skeleton height={60} />;
  if (keys.isError) return <FailedQuery what="The keys" error={keys.error} onRetry={() => void keys.refetch()} />;
  return (
    <SimpleTable
      label="API keys"
      empty="There are no keys. A script needs one; a browser does not."
      head={["Name", "Begins with", "Created", "Last used", "Actions"]}
      rows={keys.data.items.map((key) => ({
        key: key.id,
        cells: [
          key.name,
          <code key="start">{key.start}…</code>,
          <RelativeTime key="created" at={key.createdAt} />,
          key.lastUsedAt === null ? "never" : <RelativeTime key="used" at={key.lastUsedAt} />,
          <Button
            key="revoke"
            variant="default"
            size="compact-xs"
            aria-label={`Revoke ${key.name}`}
            onClick={() => revoke.mutate({ id: key.id })}
          >
            Revoke
          </Button>,
        ],
      }))}
    />
  );
}
