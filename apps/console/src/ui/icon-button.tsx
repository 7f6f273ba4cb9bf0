"use client";
import { ActionIcon, type ActionIconProps, Tooltip } from "@mantine/core";
import type { MouseEventHandler } from "react";
import { Icon, type IconName } from "./icon.tsx";

interface IconButtonProps extends Omit<ActionIconProps, "children" | "aria-label"> {
  icon: IconName;
  /** What it does: its accessible name and its tooltip. There is no icon button without one. */
  label: string;
  onClick?: MouseEventHandler<HTMLButtonElement>;
  "aria-expanded"?: boolean;
}

export function IconButton({ icon, label, ...rest }: IconButtonProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" size="md" c="var(--ink-soft)" {...rest} aria-label={label}>
        <Icon name={icon} />
      </ActionIcon>
    </Tooltip>
  );
}
