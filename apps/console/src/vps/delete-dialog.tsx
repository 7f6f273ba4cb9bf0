"use client";
/** Deleting cannot be taken back, so it asks for the name: the one thing that a slip of the hand does not type. */
import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { formatBytes } from "@muster/model/units";
import type { Vps } from "@muster/model/vps";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "../trpc/client.tsx";
import { errorViewOf } from "../trpc/error-view.ts";
import { ActionButton } from "../ui/action-button.tsx";

function whatIsLost(vps: Vps): string {
  const used = vps.status?.diskUsedBytes ?? null;
  const data = used === null ? "everything it wrote" : `everything it wrote (${formatBytes(used)})`;
  const running = vps.state === "running" ? "It is running and is stopped first. " : "";
  return `${running}Lost for good: its private area with ${data}, its address ${vps.spec.address} and its MAC. The template ${vps.spec.template}, the history of its jobs and its recorded metrics stay.`;
}

export function DeleteDialog({ vps, onClose }: { vps: Vps; onClose: () => void }) {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const [typed, setTyped] = useState("");
  const remove = useMutation(
    trpc.vps.delete.mutationOptions({
      onSuccess: () => {
        void cache.invalidateQueries(trpc.vps.pathFilter());
        void cache.invalidateQueries(trpc.jobs.list.pathFilter());
        onClose();
      },
    }),
  );
  const submit = () => remove.mutate({ vpsId: vps.id });

  return (
    <Modal opened onClose={onClose} title={`Delete ${vps.spec.name}?`} closeButtonProps={{ "aria-label": "Close" }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (typed === vps.spec.name) submit();
        }}
      >
        <Stack gap="sm">
          <Text size="sm">{whatIsLost(vps)}</Text>
          <TextInput
            data-autofocus
            label={`Type ${vps.spec.name} to confirm`}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
            spellCheck={false}
            error={remove.isError ? errorViewOf(remove.error).message : null}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <ActionButton
              color="red.8"
              loading={remove.isPending}
              disabledReason={typed === vps.spec.name ? null : "Type the name first."}
              onPress={submit}
            >
              Delete VPS
            </ActionButton>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
