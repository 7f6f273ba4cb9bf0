"use client";
/** Whether this page still hears the server. Told by the fleet's stream, shown in the task panel. */
import { useSyncExternalStore } from "react";

export type Connection = "live" | "lost";

let connection: Connection = "live";
const listeners = new Set<() => void>();

/** A stream that is renewed is away for a moment; only silence is worth a word. */
const RENEWAL_MS = 4_000;
let silence: ReturnType<typeof setTimeout> | undefined;

function change(next: Connection) {
  if (next === connection) return;
  connection = next;
  for (const listener of listeners) listener();
}

export function showConnection(next: Connection) {
  if (next === "lost") {
    silence ??= setTimeout(() => change("lost"), RENEWAL_MS);
    return;
  }
  clearTimeout(silence);
  silence = undefined;
  change("live");
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export function useConnection(): Connection {
  return useSyncExternalStore(
    subscribe,
    () => connection,
    () => "live",
  );
}
