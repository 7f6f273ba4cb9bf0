import type { ReactNode } from "react";
import classes from "./form-error.module.css";

/** What is wrong with the whole of a form; what is wrong with one field stands beside that field. */
export function FormError({ children }: { children: ReactNode }) {
  return (
    <p role="alert" className={classes.error}>
      {children}
    </p>
  );
}
