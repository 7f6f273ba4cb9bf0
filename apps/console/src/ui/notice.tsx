/** Empty, failed and waiting are three different pictures: an error never looks like an empty fleet. */
import type { ReactNode } from "react";
import { Icon, type IconName } from "./icon.tsx";
import classes from "./notice.module.css";

interface NoticeProps {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  /** It is all that the page has to say, so its title is the page's heading. */
  whole?: boolean;
}

function Title({ whole, children }: { whole: boolean; children: string }) {
  const Heading = whole ? "h1" : "p";
  return <Heading className={classes.title}>{children}</Heading>;
}

export function EmptyNotice({
  title,
  children,
  action,
  whole = false,
  icon = "fleet",
}: NoticeProps & { icon?: IconName }) {
  return (
    <div className={classes.notice} data-kind="empty">
      <span className={classes.emblem}>
        <Icon name={icon} size={22} />
      </span>
      <Title whole={whole}>{title}</Title>
      {children !== undefined && <p className={classes.text}>{children}</p>}
      {action}
    </div>
  );
}

export function FailedNotice({ title, children, action, whole = false }: NoticeProps) {
  return (
    <div className={classes.notice} data-kind="failed" role="alert">
      <span className={classes.emblem}>
        <Icon name="warning" size={22} />
      </span>
      <Title whole={whole}>{title}</Title>
      {children !== undefined && <p className={classes.text}>{children}</p>}
      {action}
    </div>
  );
}
