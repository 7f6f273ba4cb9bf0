import type { ReactNode } from "react";
import { Logo } from "../ui/logo.tsx";
import classes from "./auth-card.module.css";

/** What stands before the fleet: signing in, and the first administrator. */
export function AuthCard({ title, intro, children }: { title: string; intro: string; children: ReactNode }) {
  return (
    <main className={classes.page}>
      <div className={classes.card}>
        <div className={classes.brand}>
          <Logo size={30} />
          <span>Muster</span>
        </div>
        <h1 className={classes.title}>{title}</h1>
        <p className={classes.intro}>{intro}</p>
        {children}
      </div>
    </main>
  );
}
