"use client";
import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { type Vps, vpsNameSchema } from "@muster/model/vps";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "../trpc/client.tsx";
import { adviceFor, errorViewOf } from "../trpc/error-view.ts";
import { ActionButton } from "../ui/action-button.tsx";

/** Why this name cannot be asked for; null when it can. */
function wrongWith(name: string, vps: Vps): string | null {
  if (name === vps.spec.name) return "It has this name.";
  const parsed = vpsNameSchema.safeParse(name);
  return parsed.success ? null : `The name ${parsed.error.issues[0]?.message ?? "is not valid"}.`;
}

export function RenameDialog({ vps, onClose }: { vps: Vps; onClose: () => void }) {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const [typed, setTyped] = useState(vps.spec.name);
  const rename = useMutation(
    trpc.vps.rename.mutationOptions({
      onSuccess: () => {
        void cache.invalidateQueries(trpc.vps.pathFilter());
        void cache.invalidateQueries(trpc.fleet.tree.pathFilter());
        void cache.invalidateQueries(trpc.jobs.list.pathFilter());
        onClose();
      },
    }),
  );
  const name = typed.trim();
  const wrong = wrongWith(name, vps);
  const refused = rename.isError && rename.variables.name === name ? errorViewOf(rename.error) : null;
  return (
    <Modal opened onClose={onClose} title={`Rename ${vps.spec.name}`} closeButtonProps={{ "aria-label": "Close" }}>
      <form noValidate onSubmit={(event) => event.preventDefault()}>
        <Stack gap="sm">
          <TextInput
            data-autofocus
            label="New name"
            description="Its host name too, at once: a-z, 0-9 and '-'."
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
            spellCheck={false}
            error={
              refused === null ? (name === vps.spec.name ? null : wrong) : `${refused.message} ${adviceFor(refused)}`
            }
          />
          <Text size="sm" c="var(--ink-soft)">
            Its address, MAC and everything it wrote stay, and it goes on running.
          </Text>
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <ActionButton
              type="submit"
              loading={rename.isPending}
              disabledReason={wrong}
              onPress={() => rename.mutate({ vpsId: vps.id, name })}
            >
              Rename
            </ActionButton>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
