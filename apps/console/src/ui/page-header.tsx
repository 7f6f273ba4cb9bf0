import type { ReactNode } from "react";
import classes from "./page-header.module.css";

interface PageHeaderProps {
  title: string;
  /** Where it belongs: links up to the fleet. */
  trail?: ReactNode;
  /** State, badges: beside the title. */
  marks?: ReactNode;
  actions?: ReactNode;
}

export function PageHeader({ title, trail, marks, actions }: PageHeaderProps) {
  return (
    <header className={classes.header}>
      <div className={classes.names}>
        {trail !== undefined && <div className={classes.trail}>{trail}</div>}
        <div className={classes.line}>
          <h1 className={classes.title}>{title}</h1>
          {marks}
        </div>
      </div>
      <div className={classes.actions}>{actions}</div>
    </header>
  );
}
