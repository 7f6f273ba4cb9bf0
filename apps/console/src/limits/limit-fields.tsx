"use client";
/** All limits of the registry, grouped. One VPS's tab and the form for many are made of it; they differ in what stands beside. */
import { LIMITS, type LimitName } from "@muster/model/limits/registry";
import type { ReactNode } from "react";
import { IconButton } from "../ui/icon-button.tsx";
import { Panel } from "../ui/panel.tsx";
import { type FieldDraft, type LimitErrors, type LimitsDraft, withField, withoutField } from "./draft.ts";
import { LIMIT_GROUPS } from "./groups.ts";
import { LimitField } from "./limit-field.tsx";
import classes from "./limit-fields.module.css";

export interface LimitFieldsProps {
  draft: LimitsDraft;
  onDraft: (draft: LimitsDraft) => void;
  /** What a field shows that nobody has touched. */
  standing: (name: LimitName) => FieldDraft;
  changed: readonly LimitName[];
  /** What holds now, in words, beside a field that is changed. */
  nowText: (name: LimitName) => string;
  errors: LimitErrors;
  disabledReason: (name: LimitName) => string | null;
  note?: (name: LimitName) => ReactNode;
}

export function LimitFields(props: LimitFieldsProps) {
  return (
    <div className={classes.groups}>
      {LIMIT_GROUPS.map(({ key, title, names }) => (
        <Panel key={key} title={title} flush>
          {names.map((name) => (
            <Field key={name} name={name} {...props} />
          ))}
        </Panel>
      ))}
    </div>
  );
}

function Field({ name, draft, onDraft, changed, errors, ...props }: LimitFieldsProps & { name: LimitName }) {
  const isChanged = changed.includes(name);
  const undo = (
    <span className={classes.now}>
      {props.nowText(name)}
      <IconButton
        icon="undo"
        size="xs"
        label={`Leave ${LIMITS[name].title} as it is`}
        onClick={() => onDraft(withoutField(draft, name))}
      />
    </span>
  );
  return (
    <LimitField
      name={name}
      field={draft[name] ?? props.standing(name)}
      onChange={(field) => onDraft(withField(draft, name, field))}
      error={errors[name] ?? null}
      disabledReason={props.disabledReason(name)}
      mark={isChanged || errors[name] !== undefined ? undo : undefined}
      note={props.note?.(name)}
    />
  );
}
