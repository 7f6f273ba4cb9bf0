"use client";
/** Whether this page still hears the server. Told by the fleet's stream, shown in the task panel. */
import { useSyncExternalStore } from "react";

export type Connection = "live" | "lost";

let connection: Connection = "live";
const listeners = new Set<() => void>();

export function showConnection(next: Connection) {
  if (next === connection) return;
  connection = next;
  for (const listener of listeners) listener();
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
