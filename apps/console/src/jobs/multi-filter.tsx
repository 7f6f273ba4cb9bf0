"use client";
/** A filter of which several choices may hold at once: a button that counts them, and the list behind it. */
import { Button, Checkbox, Popover, Stack } from "@mantine/core";
import { useState } from "react";
import { Icon } from "../ui/icon.tsx";
import classes from "./multi-filter.module.css";

interface MultiFilterProps<Value extends string> {
  label: string;
  choices: readonly { value: Value; label: string }[];
  chosen: readonly Value[];
  onChange: (chosen: Value[]) => void;
}

export function MultiFilter<Value extends string>({ label, choices, chosen, onChange }: MultiFilterProps<Value>) {
  return (
    <Popover position="bottom-start" trapFocus returnFocus transitionProps={{ duration: 0 }} shadow="md">
      <Popover.Target>
        <Button variant="default" className={classes.button} rightSection={<Icon name="chevronDown" size={11} />}>
          {label}
          {chosen.length > 0 && (
            <span className={classes.count}>
              {chosen.length}
              <span className="visually-hidden"> chosen</span>
            </span>
          )}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={label}>
        <Choices label={label} choices={choices} chosen={chosen} onChange={onChange} />
      </Popover.Dropdown>
    </Popover>
  );
}

/** Ticks are its own while it is open: what they change comes back through the URL, and the next click may be faster. */
function Choices<Value extends string>({ label, choices, chosen, onChange }: MultiFilterProps<Value>) {
  const [ticked, setTicked] = useState<Value[]>([...chosen]);
  return (
    <Checkbox.Group<Value>
      aria-label={label}
      value={ticked}
      onChange={(next) => {
        setTicked(next);
        onChange(next);
      }}
    >
      <Stack gap={8}>
        {choices.map((choice) => (
          <Checkbox key={choice.value} size="xs" value={choice.value} label={choice.label} />
        ))}
      </Stack>
    </Checkbox.Group>
  );
}
