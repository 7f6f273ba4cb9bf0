/** Empty, failed and waiting are three different pictures: an error never looks like an empty fleet. */
import type { ReactNode } from "react";
import { Icon, type IconName } from "./icon.tsx";
import classes from "./notice.module.css";

interface NoticeProps {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}

export function EmptyNotice({ title, children, action, icon = "fleet" }: NoticeProps & { icon?: IconName }) {
  return (
    <div className={classes.notice} data-kind="empty">
      <span className={classes.emblem}>
        <Icon name={icon} size={22} />
      </span>
      <p className={classes.title}>{title}</p>
      {children !== undefined && <p className={classes.text}>{children}</p>}
      {action}
    </div>
  );
}

export function FailedNotice({ title, children, action }: NoticeProps) {
  return (
    <div className={classes.notice} data-kind="failed" role="alert">
      <span className={classes.emblem}>
        <Icon name="warning" size={22} />
      </span>
      <p className={classes.title}>{title}</p>
      {children !== undefined && <p className={classes.text}>{children}</p>}
      {action}
    </div>
  );
}
