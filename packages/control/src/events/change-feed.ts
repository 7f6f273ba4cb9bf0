/**
 * What changed in the database, told to whoever listens here: triggers NOTIFY, one connection of this server
 * LISTENs, so every server of a fleet hears of every change, its own included. A notification only says where
 * to look. When the connection breaks, what happened meanwhile is unknown: `gap` tells the listeners to look again.
 */
import { setTimeout as delay } from "node:timers/promises";
import { listenTo } from "@muster/db/listen";
import type { Log } from "../log.ts";

export type Change =
  /** `state`: what the job itself has come to, or "cancel"; null when it was one of its steps. */
  | { type: "job"; eventId: bigint; jobId: string; state: string | null }
  | { type: "fleet"; nodeId: string; vpsId: string | null }
  | { type: "gap" };

export interface ChangeFeed {
  /** @returns what ends the subscription. */
  subscribe(listener: (change: Change) => void): () => void;
  close(): Promise<void>;
}

const RECONNECT_MS = 500;

export function createChangeFeed(databaseUrl: string, log: Log): ChangeFeed {
  const listeners = new Set<(change: Change) => void>();
  const stop = new AbortController();
  const { signal } = stop;
  const tell = (change: Change) => {
    for (const listener of listeners) listener(change);
  };

  const listen = async () => {
    while (!signal.aborted) {
      try {
        await listenTo(databaseUrl, ["muster_job", "muster_fleet"], {
          signal,
          onListening: () => tell({ type: "gap" }),
          onNotification: (channel, payload) => tell(changeOf(channel, payload)),
        });
      } catch (err) {
        log.warn({ err }, "the change feed lost the database; it connects again");
      }
      await delay(RECONNECT_MS, undefined, { signal }).catch(() => {}); // an abort ends the loop
    }
  };
  const ended = listen();

  return {
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {
      stop.abort();
      await ended;
    },
  };
}

/** The payloads are made by the migrations' triggers: "event job state", "event job -", "node vps" or "node -". */
export function changeOf(channel: string, payload: string): Change {
  const [first = "", second = "", third = "-"] = payload.split(" ");
  if (channel === "muster_job") {
    return { type: "job", eventId: BigInt(first), jobId: second, state: third === "-" ? null : third };
  }
  return { type: "fleet", nodeId: first, vpsId: second === "-" ? null : second };
}
