import { type ReactNode, useId } from "react";
import classes from "./panel.module.css";

/** A titled card. `flush`: the content brings its own spacing (tables). */
export function Panel(props: { title: string; aside?: ReactNode; children: ReactNode; flush?: boolean }) {
  const titleId = useId();
  return (
    <section className={classes.panel} aria-labelledby={titleId}>
      <header className={classes.header}>
        <h2 id={titleId} className={classes.title}>
          {props.title}
        </h2>
        {props.aside}
      </header>
      <div className={props.flush === true ? undefined : classes.body}>{props.children}</div>
    </section>
  );
}
