"use client";
/**
 * Asks once for all. Deleting cannot be taken back, so it asks for the number: the one thing that a slip of the hand
 * does not type, and that says how many it is about.
 */
import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import type { Vps } from "@muster/model/vps";
import { useState } from "react";
import { ActionButton } from "../ui/action-button.tsx";
import { type BulkActionName, bulkAction, reachOf, vpsCount } from "./action-list.ts";
import classes from "./bulk-confirm-dialog.module.css";

type Confirmed = Exclude<BulkActionName, "start" | "setLimits">;

const WHAT_HAPPENS = {
  stop: "Each is told to shut down and is stopped; what they serve is away until they are started again.",
  restart: "Each is stopped and started again; what they serve is away for a moment.",
  delete:
    "Lost for good: the private area of each with everything it wrote, its address and its MAC. What runs is stopped first. Templates, the history of the jobs and the recorded metrics stay.",
} as const satisfies Record<Confirmed, string>;

interface BulkConfirmDialogProps {
  action: Confirmed;
  several: readonly Vps[];
  onConfirm: () => void;
  onClose: () => void;
}

export function BulkConfirmDialog({ action, several, onConfirm, onClose }: BulkConfirmDialogProps) {
  const [typed, setTyped] = useState("");
  const { label, danger } = bulkAction(action);
  const number = String(several.length);
  const asksNumber = danger === true;
  const reason = asksNumber && typed.trim() !== number ? "Type the number first." : null;
  return (
    <Modal
      opened
      onClose={onClose}
      title={`${label} ${vpsCount(several.length)}?`}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <form noValidate onSubmit={(event) => event.preventDefault()}>
        <Stack gap="sm">
          <Text size="sm">{WHAT_HAPPENS[action]}</Text>
          <Names several={several} />
          <RefusedSoFar action={action} several={several} />
          {asksNumber && (
            <TextInput
              data-autofocus
              label={`Type ${number} to confirm`}
              inputMode="numeric"
              autoComplete="off"
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
            />
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <ActionButton
              type="submit"
              {...(asksNumber ? { color: "red.8" } : {})}
              disabledReason={reason}
              onPress={onConfirm}
            >
              {label} {vpsCount(several.length)}
            </ActionButton>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

const NAMED_AT_MOST = 12;

function Names({ several }: { several: readonly Vps[] }) {
  const rest = several.length - NAMED_AT_MOST;
  return (
    <p className={classes.names}>
      {several
        .slice(0, NAMED_AT_MOST)
        .map((vps) => vps.spec.name)
        .join(", ")}
      {rest > 0 && ` and ${rest.toLocaleString("en-GB")} more`}
    </p>
  );
}

/** What is known beforehand: the server says it again for each. */
function RefusedSoFar({ action, several }: { action: Confirmed; several: readonly Vps[] }) {
  const { refused } = reachOf(action, several);
  const [first] = refused;
  if (first === undefined) return null;
  return (
    <p className={classes.refused}>
      {vpsCount(refused.length)} of them will be refused as things stand, {first.vps.spec.name} for one: {first.reason}
    </p>
  );
}
