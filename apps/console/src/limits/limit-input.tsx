"use client";
/** The input that fits a limit: an amount with its unit, or a list of CPUs, and for what may be left open a box that says so. */
import { Checkbox, NumberInput, TextInput } from "@mantine/core";
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
  /** What it does, and why it is out of reach; read out after its name. (Mantine keeps `aria-describedby` for itself.) */
  description: string;
  /** Where its error is written. */
  errorId: string;
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

function CpusInput({ id, field, onChange, invalid, disabled, description, errorId }: LimitInputProps) {
  return (
    <TextInput
      id={id}
      size="xs"
      autoComplete="off"
      spellCheck={false}
      placeholder={field.open ? "" : "0-2,5"}
      value={field.open ? "" : field.amount}
      disabled={disabled || field.open}
      error={invalid}
      aria-description={description}
      aria-errormessage={errorId}
      onChange={(event) => onChange({ ...field, amount: event.currentTarget.value })}
    />
  );
}

function AmountInput({ id, name, field, onChange, invalid, disabled, description, errorId }: LimitInputProps) {
  const scales = scalesOf(name);
  const scale = scales.find(({ label }) => label === field.scale) ?? scales[0];
  const out = disabled || field.open;
  return (
    <NumberInput
      id={id}
      size="xs"
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
      aria-description={description}
      aria-errormessage={errorId}
      onChange={(amount) => onChange({ ...field, amount })}
      rightSectionWidth={scales.length > 1 ? 82 : 78}
      rightSectionPointerEvents="all"
      rightSection={
        scales.length > 1 ? (
          <select
            className={classes.scales}
            aria-label={`Unit of ${LIMITS[name].title}`}
            value={scale?.label}
            disabled={out}
            onChange={(event) => onChange({ ...field, scale: event.currentTarget.value })}
          >
            {scales.map(({ label }) => (
              <option key={label}>{label}</option>
            ))}
          </select>
        ) : (
          <span className={classes.unit}>{scale?.label}</span>
        )
      }
    />
  );
}
