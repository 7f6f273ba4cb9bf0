"use client";
import { Button } from "@mantine/core";
import type { LimitValue } from "@muster/model/limits/limit";
import { LIMITS, type LimitName } from "@muster/model/limits/registry";
import { type AllocationChange, type Vps, vpsCan } from "@muster/model/vps";
import { type ReactNode, useState } from "react";
import { spokenTime } from "../limits/ahead.ts";
import { formatLimit } from "../limits/value.ts";
import { SimpleTable } from "../table/simple-table.tsx";
import { ActionButton } from "../ui/action-button.tsx";
import { RelativeTime } from "../ui/relative-time.tsx";
import { type AllocationRow, allocationRows } from "./allocation-rows.ts";
import classes from "./allocations.module.css";

const ROWS_AT_FIRST = 20;
const ROWS_MORE = 100;

interface AllocationListProps {
  vps: Vps;
  changes: readonly AllocationChange[];
  only: LimitName | null;
  onSetBack: (change: AllocationChange) => void;
}

export function AllocationList({ vps, changes, only, onSetBack }: AllocationListProps) {
  const [shown, setShown] = useState(ROWS_AT_FIRST);
  const rows = allocationRows(changes, only);
  return (
    <div className={classes.list}>
      <SimpleTable
        label="Allocation history"
        empty="Nothing has been allocated yet."
        head={["When", "Limit", "Change", "By", "Way back"]}
        rows={rows.slice(0, shown).map((row) => ({
          key: row.change.id,
          cells: [
            <RelativeTime key="at" at={row.change.at} />,
            row.kind === "created" ? `All ${row.limits} limits` : LIMITS[row.change.limit].title,
            <ChangeCell key="change" row={row} />,
            <span key="by" className={classes.actor}>
              {row.change.actor}
            </span>,
            row.kind === "change" ? <SetBack key="back" vps={vps} row={row} onSetBack={onSetBack} /> : "",
          ],
        }))}
      />
      {rows.length > shown && (
        <Button variant="subtle" mt={6} onClick={() => setShown(shown + ROWS_MORE)}>
          Show older changes
        </Button>
      )}
    </div>
  );
}

function ChangeCell({ row }: { row: AllocationRow }): ReactNode {
  if (row.kind === "created") return "First values, at creation";
  const { limit, to, until } = row.change;
  return (
    <>
      {row.kind === "change" && <span className={classes.from}>{formatLimit(limit, row.from)} → </span>}
      {formatLimit(limit, to)}
      {row.kind === "first" && <span className={classes.from}> at creation</span>}
      {until !== null && (
        <span className={classes.until} suppressHydrationWarning>
          until {spokenTime(until)}
        </span>
      )}
    </>
  );
}

interface SetBackProps {
  vps: Vps;
  row: { change: AllocationChange; from: LimitValue };
  onSetBack: (change: AllocationChange) => void;
}

function SetBack({ vps, row: { change, from }, onSetBack }: SetBackProps) {
  const permission = vpsCan.setLimits(vps);
  const value = formatLimit(change.limit, from);
  const already = JSON.stringify(vps.spec.limits[change.limit]) === JSON.stringify(from);
  const reason = already ? `It is ${value} now.` : permission.allowed ? null : permission.reason;
  return (
    <ActionButton
      size="compact-xs"
      variant="default"
      disabledReason={reason}
      label={`Set ${LIMITS[change.limit].title} back to ${value}`}
      onPress={() => onSetBack(change)}
    >
      Set back to {value}
    </ActionButton>
  );
}
