"use client";
/** A button that says why it cannot be pressed. It stays reachable by keyboard, so the reason is too. */
import { Button, type ButtonProps, Tooltip } from "@mantine/core";
import type { ReactNode } from "react";

interface ActionButtonProps extends ButtonProps {
  children: ReactNode;
  onPress: () => void;
  /** Why it is out of reach now; null when it is not. */
  disabledReason: string | null;
  /** Its accessible name, where the words on it stand in many rows: "Retry Start VPS web". */
  label?: string;
  /** Of a form: Enter in one of its fields presses it. */
  type?: "submit";
}

export function ActionButton({ children, onPress, disabledReason, label, ...style }: ActionButtonProps) {
  const disabled = disabledReason !== null;
  return (
    // Always around it, also with nothing to say: a button that is built anew when it comes into reach loses the focus.
    <Tooltip label={disabledReason} disabled={!disabled} maw={320}>
      <Button
        {...style}
        {...(label === undefined ? {} : { "aria-label": label })}
        {...(disabled ? { "aria-disabled": true, "data-disabled": true } : {})}
        onClick={(event) => {
          event.preventDefault();
          if (!disabled) onPress();
        }}
      >
        {children}
      </Button>
    </Tooltip>
  );
}
