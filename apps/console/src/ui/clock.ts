/** One ticking clock for the whole page, so that relative times agree with each other and one timer serves them all. */
import { useSyncExternalStore } from "react";

const TICK_MS = 1_000;
const listeners = new Set<() => void>();
let nowMs = 0;
let timer: ReturnType<typeof setInterval> | undefined;

function tick() {
  nowMs = Date.now();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  timer ??= setInterval(tick, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function wholeSecond(): number {
  return Math.floor(Date.now() / TICK_MS) * TICK_MS;
}

/**
 * Milliseconds since the epoch, moving once a second. The console's process and the browser do not agree on it to the
 * second: what prints it says `suppressHydrationWarning`, and the next tick puts it right.
 */
export function useNow(): number {
  return useSyncExternalStore(
    subscribe,
    () => {
      if (timer === undefined || nowMs === 0) nowMs = wholeSecond();
      return nowMs;
    },
    wholeSecond,
  );
}

/** The same, moving once a minute: for what is asked by the time, which need not be asked anew every second. */
export function useMinute(): number {
  const minute = (ms: number) => Math.floor(ms / 60_000) * 60_000;
  return useSyncExternalStore(
    subscribe,
    () => minute(Date.now()),
    () => minute(Date.now()),
  );
}
