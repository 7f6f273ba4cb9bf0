"use client";
/** The actions of one row. The menu's own machinery is only built once it is asked for: a thousand rows have none. */
import { Menu } from "@mantine/core";
import { useState } from "react";
import { Icon } from "../ui/icon.tsx";
import { IconButton } from "../ui/icon-button.tsx";
import type { VpsAction } from "./action-list.ts";
import classes from "./row-menu.module.css";

export function RowMenu({ name, actions }: { name: string; actions: () => VpsAction[] }) {
  const [asked, setAsked] = useState(false);
  const label = `Actions for ${name}`;
  if (!asked) {
    // A plain button and no tooltip: in a row that scrolls by, their hooks cost more than all other cells together.
    return (
      <button type="button" className={classes.button} aria-label={label} title={label} onClick={() => setAsked(true)}>
        <Icon name="more" />
      </button>
    );
  }
  return (
    <Menu
      defaultOpened
      position="bottom-end"
      width={240}
      onClose={() => setAsked(false)}
      withInitialFocusPlaceholder={false}
      returnFocus
    >
      <Menu.Target>
        <IconButton icon="more" label={label} />
      </Menu.Target>
      <Menu.Dropdown>
        {actions().map((action) => (
          <Menu.Item
            key={action.name}
            leftSection={<Icon name={action.icon} />}
            {...(action.danger === true ? { color: "red.8" } : {})}
            aria-disabled={action.disabledReason !== null || undefined}
            data-out={action.disabledReason !== null || undefined}
            className={classes.item}
            closeMenuOnClick={action.disabledReason === null}
            onClick={() => {
              if (action.disabledReason === null) action.run();
            }}
          >
            {action.label}
            {action.disabledReason !== null && <span className={classes.reason}>{action.disabledReason}</span>}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
