"use client";
import { Select, TextInput } from "@mantine/core";
import { useState } from "react";
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

type Between = Extract<TimeRange, { type: "between" }>;
type Side = "from" | "to";

/** The two ends of a range of one's own, in the time zone of this browser. */
export function TimeEnds({ time, onChange }: TimeFilterProps) {
  return time.type === "between" ? <Ends time={time} onChange={onChange} /> : null;
}

const LATEST = "9999-12-31T23:59"; // without it a browser lets a year have six digits

function textsOf({ from, to }: Between) {
  return { from: localOfIso(from), to: localOfIso(to) };
}

function isSame(one: Between, other: Between): boolean {
  return one.from === other.from && one.to === other.to;
}

/**
 * What is typed is told when it is whole: at Enter, or when the field is left. Until then a browser gives an empty text, or
 * a year of 0002, and to write that back from the URL would take away what is being typed.
 */
function Ends({ time, onChange }: { time: Between; onChange: (time: Between) => void }) {
  const [texts, setTexts] = useState(textsOf(time));
  const [told, setTold] = useState(time);
  const [seen, setSeen] = useState(time);
  if (!isSame(time, seen)) {
    setSeen(time);
    if (!isSame(time, told)) {
      setTold(time); // somebody else's: a link, or a filter taken away
      setTexts(textsOf(time));
    }
  }
  const tell = (side: Side, field: HTMLInputElement) => {
    const halfFilledIn = field.validity.badInput;
    if (halfFilledIn || field.value === localOfIso(told[side])) return;
    const next = { ...told, [side]: isoOfLocal(field.value) };
    setTold(next);
    onChange(next);
  };
  const end = (side: Side, label: string) => (
    <span className={classes.end}>
      {label}
      <TextInput
        aria-label={sentence(label)}
        size="xs"
        type="datetime-local"
        max={LATEST}
        value={texts[side]}
        onChange={({ currentTarget: { value } }) => setTexts((before) => ({ ...before, [side]: value }))}
        onBlur={(event) => tell(side, event.currentTarget)}
        onKeyDown={(event) => {
          if (event.key === "Enter") tell(side, event.currentTarget);
        }}
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
