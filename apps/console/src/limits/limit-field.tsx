"use client";
import { LIMITS, type LimitName } from "@muster/model/limits/registry";
import { type ReactNode, useId } from "react";
import type { FieldDraft } from "./draft.ts";
import classes from "./limit-field.module.css";
import { LimitInput } from "./limit-input.tsx";

interface LimitFieldProps {
  name: LimitName;
  field: FieldDraft;
  onChange: (field: FieldDraft) => void;
  error?: string | null;
  /** Why this limit cannot be set here; null where it can. */
  disabledReason?: string | null;
  /** Beside the title: that it is changed, and the way back. */
  mark?: ReactNode;
  /** Under the explanation: what the kernel says, what the node has left. */
  note?: ReactNode;
}

/** One limit: what it is called, what it does to the VPS, and its value. */
export function LimitField({ name, field, onChange, error, disabledReason, mark, note }: LimitFieldProps) {
  const id = useId();
  const out = disabledReason !== null && disabledReason !== undefined;
  const { title, explanation } = LIMITS[name];
  return (
    <div className={classes.field} data-changed={mark !== undefined || undefined}>
      <div>
        <div className={classes.line}>
          <label htmlFor={id} className={classes.title}>
            {title}
          </label>
          {mark}
        </div>
        <div className={classes.words}>
          <p>{explanation}</p>
          {out && <p className={classes.out}>{disabledReason}</p>}
          {note}
        </div>
      </div>
      <div>
        <LimitInput
          id={id}
          name={name}
          field={field}
          onChange={onChange}
          invalid={error !== null && error !== undefined}
          disabled={out}
          description={out ? `${explanation} ${disabledReason}` : explanation}
          errorId={`${id}-error`}
        />
        <p id={`${id}-error`} className={classes.error} role="status">
          {error}
        </p>
      </div>
    </div>
  );
}
