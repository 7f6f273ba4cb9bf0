"use client";
/** What can be done with the chosen rows, from the same list as with one. It stands under the table and moves no row. */
import { Button, UnstyledButton } from "@mantine/core";
import type { Vps } from "@muster/model/vps";
import dynamic from "next/dynamic";
import { useState } from "react";
import { ActionButton } from "../ui/action-button.tsx";
import { Icon } from "../ui/icon.tsx";
import { BULK_ACTION_NAMES, type BulkActionName, bulkAction, reachOf, vpsCount } from "./action-list.ts";
import classes from "./bulk-bar.module.css";
import type { BulkAction } from "./bulk-run.ts";
import { useBulk } from "./bulk-state.ts";

const BulkConfirmDialog = dynamic(() => import("./bulk-confirm-dialog.tsx").then((file) => file.BulkConfirmDialog), {
  ssr: false,
});
const BulkLimitsDialog = dynamic(() => import("./bulk-limits-dialog.tsx").then((file) => file.BulkLimitsDialog), {
  ssr: false,
});
const BulkResults = dynamic(() => import("./bulk-results.tsx").then((file) => file.BulkResults), { ssr: false });

interface BulkBarProps {
  several: readonly Vps[];
  onClear: () => void;
  /** How many there are in all, and the way to choose them; null where all are chosen or shown already. */
  everything: { total: number; loading: boolean; select: () => void } | null;
}

export function BulkBar({ several, onClear, everything }: BulkBarProps) {
  const bulk = useBulk();
  // Kept as they were chosen: the list goes on changing under an open dialog.
  const [asking, setAsking] = useState<{ action: BulkActionName; several: readonly Vps[] } | null>(null);
  const start = (chosen: readonly Vps[], action: BulkAction) => {
    setAsking(null);
    void bulk.start(chosen, action);
  };
  return (
    <>
      {several.length > 0 && (
        <section className={classes.bar} aria-label="Selected VPSs">
          <span className={classes.count} role="status">
            {vpsCount(several.length)} selected
          </span>
          {everything !== null && (
            <UnstyledButton className={classes.link} onClick={everything.select} disabled={everything.loading}>
              {everything.loading ? "Selecting…" : `Select all ${everything.total.toLocaleString("en-GB")}`}
            </UnstyledButton>
          )}
          <div className={classes.actions}>
            {BULK_ACTION_NAMES.map((action) => (
              <BulkButton
                key={action}
                action={action}
                several={several}
                onPress={() => (action === "start" ? start(several, { type: action }) : setAsking({ action, several }))}
              />
            ))}
            <Button variant="subtle" onClick={onClear}>
              Clear selection
            </Button>
          </div>
        </section>
      )}
      {asking !== null && <Asking {...asking} onStart={start} onClose={() => setAsking(null)} />}
      {bulk.run !== null && <BulkResults run={bulk.run} onClose={bulk.close} />}
    </>
  );
}

interface BulkButtonProps {
  action: BulkActionName;
  several: readonly Vps[];
  onPress: () => void;
}

function BulkButton({ action, several, onPress }: BulkButtonProps) {
  const { label, icon, danger } = bulkAction(action);
  const { can, refused } = reachOf(action, several);
  const [first] = refused;
  const reason =
    can.length > 0 || first === undefined ? null : `None of them can. ${first.vps.spec.name}: ${first.reason}`;
  return (
    <ActionButton
      variant={danger === true ? "outline" : "default"}
      {...(danger === true ? { color: "var(--failed)" } : {})}
      leftSection={<Icon name={icon} size={14} />}
      disabledReason={reason}
      onPress={onPress}
    >
      {label}
    </ActionButton>
  );
}

interface AskingProps {
  action: BulkActionName;
  several: readonly Vps[];
  onStart: (several: readonly Vps[], action: BulkAction) => void;
  onClose: () => void;
}

function Asking({ action, several, onStart, onClose }: AskingProps) {
  if (action === "start") return null; // starting harms nothing, so nobody is asked
  if (action === "setLimits") {
    return <BulkLimitsDialog several={several} onApply={(limits) => onStart(several, limits)} onClose={onClose} />;
  }
  return (
    <BulkConfirmDialog
      action={action}
      several={several}
      onConfirm={() => onStart(several, { type: action })}
      onClose={onClose}
    />
  );
}
