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

/** Milliseconds since the epoch, moving once a second; null while the server renders, which has no clock to agree with. */
export function useNow(): number | null {
  return useSyncExternalStore(
    subscribe,
    () => {
      if (timer === undefined || nowMs === 0) nowMs = Math.floor(Date.now() / TICK_MS) * TICK_MS;
      return nowMs;
    },
    () => null,
  );
}
