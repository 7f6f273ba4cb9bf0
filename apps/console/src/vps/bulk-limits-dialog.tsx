"use client";
/** One form for many: what is touched is sent, everything else stays as each of them has it. */
import { Group, Modal, Stack } from "@mantine/core";
import { LIMITS, type LimitName, type Limits } from "@muster/model/limits/registry";
import { limitFinding } from "@muster/model/node";
import type { Vps } from "@muster/model/vps";
import { useQueries } from "@tanstack/react-query";
import { useState } from "react";
import { isoOfLocal } from "../jobs/local-time.ts";
import { ApplyButton } from "../limits/apply-button.tsx";
import { changeIn, commonField, type LimitsDraft, namesIn } from "../limits/draft.ts";
import { LimitFields } from "../limits/limit-fields.tsx";
import { useLimitsPreview } from "../limits/preview.ts";
import { PreviewPanel } from "../limits/preview-panel.tsx";
import type { LocalTime } from "../limits/until.ts";
import { UntilField } from "../limits/until-field.tsx";
import { formatLimit, spanText } from "../limits/value.ts";
import { useTRPC } from "../trpc/client.tsx";
import { Panel } from "../ui/panel.tsx";
import { vpsCount } from "./action-list.ts";
import classes from "./bulk-limits-dialog.module.css";
import type { BulkAction } from "./bulk-run.ts";
import { RefusedInPreview } from "./refused-in-preview.tsx";

interface BulkLimitsDialogProps {
  several: readonly Vps[];
  onApply: (action: BulkAction) => void;
  onClose: () => void;
}

const NODES_ASKED_AT_MOST = 16;

/** Why a limit cannot be set on any of their nodes; null where one of them can, or where there are too many to ask. */
function useOutOfReach(several: readonly Vps[]): (name: LimitName) => string | null {
  const trpc = useTRPC();
  const nodeIds = [...new Set(several.map((vps) => vps.nodeId))];
  const nodes = useQueries({
    queries: nodeIds.slice(0, NODES_ASKED_AT_MOST).map((nodeId) => trpc.nodes.get.queryOptions({ nodeId })),
  });
  return (name) => {
    if (nodeIds.length > NODES_ASKED_AT_MOST) return null;
    const findings = nodes.flatMap(({ data }) => (data === undefined ? [] : [limitFinding(data.inventory, name)]));
    const known = findings.length === nodeIds.length;
    return known && findings.every((finding) => !finding.available) ? (findings[0]?.detail ?? null) : null;
  };
}

export function BulkLimitsDialog({ several, onApply, onClose }: BulkLimitsDialogProps) {
  const [draft, setDraft] = useState<LimitsDraft>({});
  const [until, setUntil] = useState<LocalTime | null>(null);
  const { change, errors } = changeIn(draft);
  const changed = namesIn(change);
  const preview = useLimitsPreview(several, change);
  const outOfReach = useOutOfReach(several);
  const all: readonly Limits[] = several.map((vps) => vps.spec.limits);

  const disabledReason = (): string | null => {
    if (Object.keys(errors).length > 0) return "Correct the field that is marked.";
    return changed.length === 0 ? "Nothing is changed." : null;
  };

  return (
    <Modal
      opened
      onClose={onClose}
      size={1120}
      title={`Change limits of ${vpsCount(several.length)}`}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <form
        className={classes.columns}
        noValidate
        aria-label={`Limits of ${vpsCount(several.length)}`}
        onSubmit={(event) => event.preventDefault()}
      >
        <LimitFields
          draft={draft}
          onDraft={setDraft}
          standing={(name) => commonField(name, all)}
          changed={changed}
          nowText={(name) => `now ${spanText(name, all)}`}
          errors={errors}
          disabledReason={outOfReach}
          note={(name) => draft[name] === undefined && <MixedNote name={name} all={all} />}
        />
        <div className={classes.side}>
          <Panel title={changed.length === 0 ? "Nothing changed yet" : "To be changed"}>
            <Stack gap="md">
              {changed.length > 0 && (
                <>
                  <ul className={classes.changes} aria-label="Changes">
                    {changed.map((name) => (
                      <li key={name}>
                        {LIMITS[name].title} <span className={classes.from}>{spanText(name, all)} →</span>{" "}
                        <strong>{formatLimit(name, change[name] ?? null)}</strong>
                      </li>
                    ))}
                  </ul>
                  <RefusedInPreview preview={preview} asked={several.length} />
                  <UntilField until={until} onChange={setUntil} back="what each of them has now" />
                </>
              )}
              <Group gap="xs" grow>
                <ApplyButton
                  until={until}
                  disabledReason={disabledReason()}
                  onPress={() => onApply({ type: "setLimits", limits: change, until: isoUntil(until) })}
                >
                  {`Apply to ${vpsCount(several.length)}`}
                </ApplyButton>
              </Group>
            </Stack>
          </Panel>
          <Panel title={changed.length === 0 ? "Their nodes now" : "What it would mean"}>
            <PreviewPanel preview={preview} />
          </Panel>
        </div>
      </form>
    </Modal>
  );
}

function isoUntil(until: LocalTime | null): string | undefined {
  return until === null ? undefined : (isoOfLocal(until) ?? undefined);
}

/** An empty field is not "nothing": it says what they have now. */
function MixedNote({ name, all }: { name: LimitName; all: readonly Limits[] }) {
  const [first] = all;
  const same = all.every((limits) => JSON.stringify(limits[name]) === JSON.stringify(first?.[name]));
  return same ? null : (
    <p className={classes.mixed}>
      {LIMITS[name].title} differs: {spanText(name, all)}.
    </p>
  );
}
