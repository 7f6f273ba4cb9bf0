"use client";
import { Select, TextInput } from "@mantine/core";
import { PERIOD_NAMES, PERIODS, sentence, type TimeRange } from "./filter.ts";
import classes from "./filter-bar.module.css";
import { isoOfLocal, localOfIso } from "./local-time.ts";

const ANY = "any";
const BETWEEN = "between";
const CHOICES = [
  { value: ANY, label: "Any time" },
  ...PERIOD_NAMES.map((period) => ({ value: period, label: PERIODS[period].title })),
  { value: BETWEEN, label: "From … to …" },
];

interface TimeFilterProps {
  time: TimeRange;
  onChange: (time: TimeRange) => void;
}

function startOfToday(): string {
  const day = new Date();
  day.setHours(0, 0, 0, 0);
  return day.toISOString();
}

export function TimeSelect({ time, onChange }: TimeFilterProps) {
  const choose = (choice: string | null) => {
    const period = PERIOD_NAMES.find((name) => name === choice);
    if (period !== undefined) return onChange({ type: "last", period });
    onChange(choice === BETWEEN ? { type: "between", from: startOfToday(), to: null } : { type: "any" });
  };
  return (
    <Select
      size="xs"
      w={138}
      aria-label="When"
      data={CHOICES}
      value={time.type === "last" ? time.period : time.type}
      onChange={choose}
    />
  );
}

/** The two ends of a range of one's own, in the time zone of this browser. */
export function TimeEnds({ time, onChange }: TimeFilterProps) {
  if (time.type !== "between") return null;
  const end = (side: "from" | "to", label: string) => (
    <span className={classes.end}>
      {label}
      <TextInput
        aria-label={sentence(label)}
        size="xs"
        type="datetime-local"
        value={localOfIso(time[side])}
        onChange={(event) => onChange({ ...time, [side]: isoOfLocal(event.currentTarget.value) })}
      />
    </span>
  );
  return (
    <div className={classes.ends}>
      {end("from", "from")}
      {end("to", "to")}
    </div>
  );
}
