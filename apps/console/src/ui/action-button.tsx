"use client";
/** A button that says why it cannot be pressed. It stays reachable by keyboard, so the reason is too. */
import { Button, type ButtonProps, Tooltip } from "@mantine/core";
import type { ReactNode } from "react";

interface ActionButtonProps extends ButtonProps {
  children: ReactNode;
  onPress: () => void;
  /** Why it is out of reach now; null when it is not. */
  disabledReason: string | null;
}

export function ActionButton({ children, onPress, disabledReason, ...style }: ActionButtonProps) {
  const disabled = disabledReason !== null;
  const button = (
    <Button
      {...style}
      {...(disabled ? { "aria-disabled": true, "data-disabled": true } : {})}
      onClick={(event) => {
        event.preventDefault();
        if (!disabled) onPress();
      }}
    >
      {children}
    </Button>
  );
  if (!disabled) return button;
  return (
    <Tooltip label={disabledReason} maw={320}>
      {button}
    </Tooltip>
  );
}
