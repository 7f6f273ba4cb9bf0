"use client";
/** The four regions that never go away: header, tree, content, tasks. */
import type { ReactNode } from "react";
import { FleetTree } from "../fleet/tree.tsx";
import { TaskPanel } from "../jobs/task-panel.tsx";
import { LiveUpdates } from "../trpc/live.tsx";
import { Toasts } from "../ui/toasts.tsx";
import { useNotReady } from "../ui/until-ready.tsx";
import { AsHeard } from "./as-heard.tsx";
import { Header } from "./header.tsx";
import classes from "./shell.module.css";

export function Shell({ userName, children }: { userName: string; children: ReactNode }) {
  return (
    <div className={classes.shell} {...useNotReady()}>
      <a className={classes.skip} href="#content">
        Skip to content
      </a>
      <Header userName={userName} />
      <AsHeard>
        <nav className={classes.side} aria-label="Fleet">
          <FleetTree />
        </nav>
        <main id="content" className={classes.main} tabIndex={-1}>
          {children}
        </main>
      </AsHeard>
      <TaskPanel />
      <Toasts />
      <LiveUpdates />
    </div>
  );
}
