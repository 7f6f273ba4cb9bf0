"use client";
/** The input that fits a limit: an amount with its unit, or a list of CPUs, and for what may be left open a box that says so. */
import { Checkbox, NativeSelect, NumberInput, TextInput } from "@mantine/core";
import { LIMITS, type LimitName } from "@muster/model/limits/registry";
import type { FieldDraft } from "./draft.ts";
import classes from "./limit-input.module.css";
import { openText, scalesOf } from "./value.ts";

export interface LimitInputProps {
  /** Of the input: its label's `htmlFor`. */
  id: string;
  name: LimitName;
  field: FieldDraft;
  onChange: (field: FieldDraft) => void;
  invalid?: boolean;
  disabled?: boolean;
  describedBy?: string;
}

export function LimitInput(props: LimitInputProps) {
  const { name, field, onChange, disabled = false } = props;
  const canBeOpen = LIMITS[name].schema.safeParse(null).success;
  return (
    <div className={classes.control}>
      {LIMITS[name].unit === "cpus" ? <CpusInput {...props} /> : <AmountInput {...props} />}
      {canBeOpen && (
        <Checkbox
          size="xs"
          label={openText(name)}
          aria-label={`${openText(name)}: ${LIMITS[name].title}`}
          checked={field.open}
          disabled={disabled}
          onChange={(event) => onChange({ ...field, open: event.currentTarget.checked })}
        />
      )}
    </div>
  );
}

function CpusInput({ id, name, field, onChange, invalid, disabled, describedBy }: LimitInputProps) {
  return (
    <TextInput
      id={id}
      size="xs"
      autoComplete="off"
      spellCheck={false}
      placeholder={field.open ? openText(name) : "0-2,5"}
      value={field.open ? "" : field.amount}
      disabled={disabled || field.open}
      error={invalid}
      aria-describedby={describedBy}
      onChange={(event) => onChange({ ...field, amount: event.currentTarget.value })}
    />
  );
}

function AmountInput({ id, name, field, onChange, invalid, disabled, describedBy }: LimitInputProps) {
  const scales = scalesOf(name);
  const scale = scales.find(({ label }) => label === field.scale) ?? scales[0];
  const out = disabled || field.open;
  return (
    <NumberInput
      id={id}
      size="xs"
      placeholder={field.open ? openText(name) : ""}
      value={field.open ? "" : field.amount}
      min={0}
      step={scale?.step ?? 1}
      decimalScale={scale?.decimals ?? 0}
      clampBehavior="none"
      thousandSeparator=","
      allowNegative={false}
      hideControls
      disabled={out}
      error={invalid}
      aria-describedby={describedBy}
      onChange={(amount) => onChange({ ...field, amount })}
      rightSectionWidth={scales.length > 1 ? 82 : 78}
      rightSectionPointerEvents="all"
      rightSection={
        scales.length > 1 ? (
          <NativeSelect
            variant="unstyled"
            size="xs"
            aria-label={`Unit of ${LIMITS[name].title}`}
            data={scales.map(({ label }) => label)}
            value={scale?.label ?? ""}
            disabled={out}
            onChange={(event) => onChange({ ...field, scale: event.currentTarget.value })}
          />
        ) : (
          <span className={classes.unit}>{scale?.label}</span>
        )
      }
    />
  );
}
