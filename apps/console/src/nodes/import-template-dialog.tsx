"use client";
import { Button, Group, Modal, Select, Stack, Text, TextInput } from "@mantine/core";
import { guestInitSchema } from "@muster/model/node";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { FormError } from "../form/form-error.tsx";
import { useTRPC } from "../trpc/client.tsx";
import { adviceFor, errorViewOf } from "../trpc/error-view.ts";

const EMPTY = { name: "", description: "", init: "busybox", fileName: "", sha256: "" };
const FIELDS = Object.keys(EMPTY);

export function ImportTemplateDialog({ nodeId, onClose }: { nodeId: string; onClose: () => void }) {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const [draft, setDraft] = useState(EMPTY);
  const start = useMutation(
    trpc.templates.import.mutationOptions({
      onSuccess: () => {
        void cache.invalidateQueries(trpc.jobs.list.pathFilter());
        onClose();
      },
    }),
  );
  const error = start.isError ? errorViewOf(start.error) : null;
  const text = (field: "name" | "description" | "fileName" | "sha256") => ({
    value: draft[field],
    onChange: (event: { currentTarget: { value: string } }) =>
      setDraft({ ...draft, [field]: event.currentTarget.value }),
    error: error?.field === field ? error.message : null,
    autoComplete: "off",
    spellCheck: false,
  });

  return (
    <Modal opened onClose={onClose} title="Import template" closeButtonProps={{ "aria-label": "Close" }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          start.mutate({ ...draft, nodeId, init: guestInitSchema.parse(draft.init) });
        }}
      >
        <Stack gap="sm">
          <Text size="sm">
            Put a tar archive of a root file system into the agent&apos;s import directory on the node, then name it
            here. The checksum says that it is the right one.
          </Text>
          {error !== null && !FIELDS.includes(error.field ?? "") && (
            <FormError>
              {error.message} {adviceFor(error)}
            </FormError>
          )}
          <TextInput label="Name" data-autofocus required withAsterisk={false} {...text("name")} />
          <TextInput label="Description" {...text("description")} />
          <Select
            label="Init"
            data={guestInitSchema.options}
            value={draft.init}
            onChange={(init) => setDraft({ ...draft, init: init ?? EMPTY.init })}
          />
          <TextInput
            label="File name"
            required
            withAsterisk={false}
            placeholder="debian-12.tar.gz"
            {...text("fileName")}
          />
          <TextInput label="SHA-256" required withAsterisk={false} {...text("sha256")} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={start.isPending}>
              Import
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
