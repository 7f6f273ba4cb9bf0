import type { ReactNode } from "react";
import classes from "./facts.module.css";

/** Names and values, read as a definition list. */
export function Facts({ items }: { items: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className={classes.facts}>
      {items.map(([name, value]) => (
        <div key={name} className={classes.fact}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Absent is not zero: what a driver does not say is said to be unsaid. */
export function NotReported() {
  return <span className={classes.absent}>not reported by this driver</span>;
}
