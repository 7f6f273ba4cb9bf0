"use client";
/** Short words about what was just asked. A failure stays until it is dismissed: toasts that vanish have told nobody. */
import { useSyncExternalStore } from "react";
import { IconButton } from "./icon-button.tsx";
import classes from "./toasts.module.css";

interface Toast {
  id: number;
  kind: "done" | "failed";
  title: string;
  text: string;
}

const DONE_STAYS_MS = 4_000;
const AT_MOST = 4;
const NONE: readonly Toast[] = [];

let toasts = NONE;
let lastId = 0;
const listeners = new Set<() => void>();

function set(next: readonly Toast[]) {
  toasts = next;
  for (const listener of listeners) listener();
}

function dismiss(id: number) {
  set(toasts.filter((toast) => toast.id !== id));
}

export function showToast(toast: Omit<Toast, "id">) {
  lastId += 1;
  const id = lastId;
  set([...toasts, { ...toast, id }].slice(-AT_MOST));
  if (toast.kind === "done") setTimeout(() => dismiss(id), DONE_STAYS_MS);
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export function Toasts() {
  const shown = useSyncExternalStore(
    subscribe,
    () => toasts,
    () => NONE,
  );
  return (
    <div className={classes.stack} role="status" aria-live="polite" aria-label="Messages">
      {shown.map((toast) => (
        <div key={toast.id} className={classes.toast} data-kind={toast.kind}>
          <div>
            <p className={classes.title}>{toast.title}</p>
            <p className={classes.text}>{toast.text}</p>
          </div>
          <IconButton icon="close" label="Dismiss" size="sm" onClick={() => dismiss(toast.id)} />
        </div>
      ))}
    </div>
  );
}
