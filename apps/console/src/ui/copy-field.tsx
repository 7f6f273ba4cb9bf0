"use client";
import { useClipboard } from "@mantine/hooks";
import classes from "./copy-field.module.css";
import { IconButton } from "./icon-button.tsx";

/** A line to take elsewhere: a token, a key, a command. */
export function CopyField({ label, value }: { label: string; value: string }) {
  const clipboard = useClipboard();
  return (
    <div className={classes.field}>
      <span className={classes.label}>{label}</span>
      <div className={classes.line}>
        <code className={classes.value}>{value}</code>
        <IconButton
          icon={clipboard.copied ? "check" : "copy"}
          label={clipboard.copied ? "Copied" : `Copy ${label.toLowerCase()}`}
          onClick={() => clipboard.copy(value)}
        />
      </div>
    </div>
  );
}
