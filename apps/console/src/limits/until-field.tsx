"use client";
/** How long a change is to hold: for good, or until a time at which it is set back by itself. */
import { SegmentedControl, TextInput, UnstyledButton } from "@mantine/core";
import { isoOfLocal } from "../jobs/local-time.ts";
import { useNow } from "../ui/clock.ts";
import { aheadText, spokenTime } from "./ahead.ts";
import { type LocalTime, presets, untilError } from "./until.ts";
import classes from "./until-field.module.css";

interface UntilFieldProps {
  /** Null: for good. */
  until: LocalTime | null;
  onChange: (until: LocalTime | null) => void;
  /** What it then goes back to: "memory 512 MiB". */
  back: string;
}

export function UntilField({ until, onChange, back }: UntilFieldProps) {
  const nowMs = useNow();
  const timed = until !== null;
  return (
    <div className={classes.field}>
      <SegmentedControl
        size="xs"
        fullWidth
        aria-label="How long it holds"
        transitionDuration={0}
        data={[
          { value: "good", label: "For good" },
          { value: "until", label: "Until a time" },
        ]}
        value={timed ? "until" : "good"}
        onChange={(value) => onChange(value === "until" ? (presets(nowMs)[0]?.at ?? "") : null)}
      />
      {timed && <TimeInput until={until} onChange={onChange} back={back} />}
    </div>
  );
}

function TimeInput({ until, onChange, back }: UntilFieldProps & { until: LocalTime }) {
  const nowMs = useNow();
  const error = untilError(until, nowMs);
  const iso = isoOfLocal(until);
  return (
    <>
      <fieldset className={classes.presets} aria-label="Times often asked for">
        {presets(nowMs).map(({ label, at }) => (
          <UnstyledButton
            key={label}
            className={classes.preset}
            aria-pressed={at === until}
            onClick={() => onChange(at)}
          >
            {label}
          </UnstyledButton>
        ))}
      </fieldset>
      <TextInput
        type="datetime-local"
        size="xs"
        label="Until"
        description={`Your own time: ${Intl.DateTimeFormat().resolvedOptions().timeZone}`}
        value={until}
        onChange={(event) => onChange(event.currentTarget.value)}
        error={error}
      />
      {iso !== null && error === null && (
        <p className={classes.sentence}>
          Until <strong>{spokenTime(iso)}</strong> ({aheadText(iso, nowMs)} from now), then back to {back}.
        </p>
      )}
    </>
  );
}
