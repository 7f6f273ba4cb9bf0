"use client";
/**
 * Whether somebody is at this window: in sight and with the focus. A browser keeps only six connections to one address
 * (HTTP/1.1), for all its windows together, and a stream takes one for good. So the streams of the shell run in the attended
 * window alone; the others ask every few seconds.
 */
import { useSyncExternalStore } from "react";

const EVENTS = ["focus", "blur", "visibilitychange"] as const;
const REPAIR_POLL_MS = 15_000;
const UNATTENDED_POLL_MS = 4_000;

function subscribe(listener: () => void) {
  for (const event of EVENTS) window.addEventListener(event, listener, true);
  return () => {
    for (const event of EVENTS) window.removeEventListener(event, listener, true);
  };
}

export function useAttended(): boolean {
  return useSyncExternalStore(
    subscribe,
    () => document.visibilityState === "visible" && document.hasFocus(),
    () => false,
  );
}

/** Streams tell of changes and a slow poll repairs what they missed; without streams the poll is all there is. */
export function usePollMs(): number {
  return useAttended() ? REPAIR_POLL_MS : UNATTENDED_POLL_MS;
}
