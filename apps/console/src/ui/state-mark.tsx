/** A state as colour, shape and word: never by colour alone. */
import type { ReactNode } from "react";
import classes from "./state-mark.module.css";

export type Tone = "running" | "stopped" | "busy" | "failed" | "stuck" | "unknown";

const SHAPES = {
  running: <circle cx="6" cy="6" r="4.5" fill="currentColor" />,
  stopped: <rect x="2.2" y="2.2" width="7.6" height="7.6" rx="1.5" stroke="currentColor" strokeWidth="1.6" />,
  busy: <path className={classes.turning} d="M6 1.8A4.2 4.2 0 1 1 1.8 6" stroke="currentColor" strokeWidth="1.8" />,
  failed: (
    <path d="M6 1.2 11.4 10.6H.6Z" fill="currentColor" stroke="currentColor" strokeWidth="1" strokeLinejoin="round" />
  ),
  stuck: (
    <path
      fillRule="evenodd"
      d="M3.8 .8h4.4L11.2 3.8v4.4L8.2 11.2H3.8L.8 8.2V3.8ZM5.2 2.8v4h1.6v-4ZM5.2 7.8v1.6h1.6v-1.6Z"
      fill="currentColor"
    />
  ),
  unknown: <path d="M6 .9 11.1 6 6 11.1.9 6Z" stroke="currentColor" strokeWidth="1.6" strokeDasharray="2 1.5" />,
} as const satisfies Record<Tone, ReactNode>;

export function StateShape({ tone }: { tone: Tone }) {
  return (
    <svg
      aria-hidden="true"
      className={classes.shape}
      data-tone={tone}
      width="12"
      height="12"
      viewBox="0 0 12 12"
      fill="none"
    >
      {SHAPES[tone]}
    </svg>
  );
}

export function StateMark({ tone, label, filled = false }: { tone: Tone; label: string; filled?: boolean }) {
  return (
    <span className={filled ? classes.pill : classes.mark} data-tone={tone}>
      <StateShape tone={tone} />
      {label}
    </span>
  );
}
