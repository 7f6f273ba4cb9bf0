"use client";
/** Says when a figure was last seen, once that is too long ago. Stale is drawn as stale: the figures below are greyed. */
import { NODE_SILENCE_MS } from "@muster/model/node";
import type { ReactNode } from "react";
import classes from "./freshness.module.css";
import { RelativeTime } from "./relative-time.tsx";

interface Observed {
  /** When the thing itself was last heard; null when it never was. */
  observedAt: string | null;
  /** When this page was last told about it, ms since the epoch. */
  askedAtMs: number;
}

/** Old at the moment of asking means silent; old since then only means that nothing has changed. */
export function isStale({ observedAt, askedAtMs }: Observed): boolean {
  return observedAt === null || askedAtMs - Date.parse(observedAt) > NODE_SILENCE_MS;
}

export function LastHeard({ observedAt }: { observedAt: string | null }) {
  if (observedAt === null) return <span className={classes.heard}>never heard</span>;
  return (
    <span className={classes.heard}>
      last heard <RelativeTime at={observedAt} />
    </span>
  );
}

export function Freshness({ stale, children }: { stale: boolean; children: ReactNode }) {
  return (
    <div className={classes.area} data-stale={stale || undefined}>
      {children}
    </div>
  );
}
