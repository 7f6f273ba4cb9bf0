"use client";
/** Setting a limit back is a change like any other: it is previewed, asked for, and leaves an entry of its own. */
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { LIMITS, limitsChangeSchema } from "@muster/model/limits/registry";
import type { AllocationChange, Vps, VpsState } from "@muster/model/vps";
import { FormError } from "../form/form-error.tsx";
import { useLimitsPreview } from "../limits/preview.ts";
import { PreviewPanel } from "../limits/preview-panel.tsx";
import { limitInWords } from "../limits/value.ts";
import { adviceFor, errorViewOf } from "../trpc/error-view.ts";
import { ActionButton } from "../ui/action-button.tsx";
import { useSetLimits } from "./set-limits.ts";

interface SetBackDialogProps {
  vps: Vps;
  change: AllocationChange;
  onClose: () => void;
  onStarted: (jobId: string) => void;
}

const MEANWHILE: Partial<Record<VpsState, string>> = {
  running: ", while it goes on running",
  stopped: ", while it stays stopped",
};

export function SetBackDialog({ vps, change, onClose, onStarted }: SetBackDialogProps) {
  const { limit, from = null } = change;
  const limits = limitsChangeSchema.parse({ [limit]: from });
  const preview = useLimitsPreview([vps], limits);
  const setLimits = useSetLimits();
  const foreseen = preview.current ? (preview.query.data?.vps[0]?.refusal ?? null) : null;
  const refusal = setLimits.isError ? errorViewOf(setLimits.error) : foreseen;
  const { title } = LIMITS[limit];
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Set ${title} of ${vps.spec.name} back?`}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Stack gap="md">
        <Text size="sm">
          From {limitInWords(limit, vps.spec.limits[limit])} now back to <strong>{limitInWords(limit, from)}</strong>
          {MEANWHILE[vps.state]}. It gets an entry of its own in the history.
        </Text>
        <PreviewPanel preview={preview} />
        {refusal !== null && (
          <FormError>
            {refusal.message} {adviceFor(refusal)}
          </FormError>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <ActionButton
            loading={setLimits.isPending}
            disabledReason={foreseen?.message ?? null}
            onPress={() =>
              setLimits.mutate(
                { vpsId: vps.id, limits },
                {
                  onSuccess: ({ jobId }) => {
                    onStarted(jobId);
                    onClose();
                  },
                },
              )
            }
          >
            Set back
          </ActionButton>
        </Group>
      </Stack>
    </Modal>
  );
}
