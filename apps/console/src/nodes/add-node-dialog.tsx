"use client";
/** A node joins with a token that is good once and for an hour; the fingerprint in it says which server it may trust. */
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { FormError } from "../form/form-error.tsx";
import { useTRPC } from "../trpc/client.tsx";
import { adviceFor, errorViewOf } from "../trpc/error-view.ts";
import { CopyField } from "../ui/copy-field.tsx";

function commandFor({ token, enrolUrl }: { token: string; enrolUrl: string }): string {
  return `MUSTER_ENROL_URL=${enrolUrl} MUSTER_ENROL_TOKEN=${token} pnpm exec node apps/agent/src/main.ts`;
}

export function AddNodeDialog({ onClose }: { onClose: () => void }) {
  const trpc = useTRPC();
  const create = useMutation(trpc.nodes.createEnrolmentToken.mutationOptions());
  const error = create.isError ? errorViewOf(create.error) : null;
  return (
    <Modal opened onClose={onClose} title="Add node" size="lg" closeButtonProps={{ "aria-label": "Close" }}>
      <Stack gap="md">
        <Text size="sm">
          Check Muster out on the new node and start its agent there as root, with a token from here. The token is good
          once, for one hour. The node shows in the tree as soon as it has joined; afterwards it needs no token.
        </Text>
        {error !== null && (
          <FormError>
            {error.message} {adviceFor(error)}
          </FormError>
        )}
        {create.isSuccess && (
          <>
            <CopyField label="Enrolment token" value={create.data.token} />
            <CopyField label="Command" value={commandFor(create.data)} />
            <Text size="sm" c="var(--ink-soft)">
              The node must reach this server at <code>{create.data.enrolUrl}</code> (MUSTER_ENROL_LISTEN), and the
              server the agent (MUSTER_AGENT_LISTEN on the node).
            </Text>
          </>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
          <Button data-autofocus loading={create.isPending} onClick={() => create.mutate()}>
            {create.isSuccess ? "Create another token" : "Create token"}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
