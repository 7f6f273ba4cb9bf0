/** A line above the rest of a page, until what it says is over: something waits for a person. */
import type { ReactNode } from "react";
import { Icon } from "./icon.tsx";
import classes from "./warning-bar.module.css";

export function WarningBar({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className={classes.bar} role="status">
      <Icon name="warning" size={15} />
      <div className={classes.text}>{children}</div>
      {action}
    </div>
  );
}
