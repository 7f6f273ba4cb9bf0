"use client";
/** Removing a node touches nothing on it: what it runs goes on running, and this fleet no longer knows of it. */
import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import type { NodeDetail } from "@muster/model/node";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { FormError } from "../form/form-error.tsx";
import { paths } from "../paths.ts";
import { useTRPC } from "../trpc/client.tsx";
import { adviceFor, errorViewOf } from "../trpc/error-view.ts";
import { ActionButton } from "../ui/action-button.tsx";

function countOf(node: NodeDetail): string {
  return node.vpsCount === 1 ? "Its VPS" : `Its ${node.vpsCount} VPSs`;
}

function WhatSurvives({ node }: { node: NodeDetail }) {
  const its = node.vpsCount === 1 ? "it" : "them";
  return (
    <>
      {node.vpsCount > 0 && (
        <Text size="sm">
          {countOf(node)} will be forgotten, not stopped: what runs goes on running with its address and its data, but
          this fleet no longer sees {its}, nor can it act on {its}.
        </Text>
      )}
      <Text size="sm">
        Forgotten with it: its templates, its inventory and its policy. The history of its jobs stays. Nothing is
        deleted on the node itself. To join again it needs a new token, and <code>agent/identity</code> in its data
        directory must be deleted before; what it runs is then found there and can be adopted.
      </Text>
    </>
  );
}

export function RemoveNodeDialog({ node, onClose }: { node: NodeDetail; onClose: () => void }) {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const router = useRouter();
  const [typed, setTyped] = useState("");
  const forgetVps = node.vpsCount > 0;
  const confirmed = !forgetVps || typed === node.name;
  const remove = useMutation(
    trpc.nodes.remove.mutationOptions({
      onSuccess: ({ jobId }) => {
        void cache.invalidateQueries(trpc.jobs.list.pathFilter());
        onClose();
        router.push(paths.job(jobId));
      },
    }),
  );
  const submit = () => remove.mutate({ nodeId: node.id, forgetVps });
  const error = remove.isError ? errorViewOf(remove.error) : null;
  return (
    <Modal opened onClose={onClose} title={`Remove ${node.name}?`} closeButtonProps={{ "aria-label": "Close" }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (confirmed) submit();
        }}
      >
        <Stack gap="sm">
          <WhatSurvives node={node} />
          {error !== null && (
            <FormError>
              {error.message} {adviceFor(error)}
            </FormError>
          )}
          {forgetVps && (
            <TextInput
              data-autofocus
              label={`Type ${node.name} to confirm`}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              autoComplete="off"
              spellCheck={false}
            />
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <ActionButton
              color="red.8"
              loading={remove.isPending}
              disabledReason={confirmed ? null : "Type the name first."}
              onPress={submit}
            >
              Remove node
            </ActionButton>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
