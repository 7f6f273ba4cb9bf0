/** A reconciler: it takes no input, looks at the world, makes it right and reports; then it sleeps. */
import { setTimeout as delay } from "node:timers/promises";
import type { Log } from "../log.ts";

export interface Watcher {
  name: string;
  everyMs: number;
  /** Bounded by itself; the next round waits for it. */
  round(): Promise<void>;
}

/** Runs until aborted; a round that throws is told and the next one comes all the same. */
export async function runWatcher(watcher: Watcher, { log, signal }: { log: Log; signal: AbortSignal }): Promise<void> {
  while (!signal.aborted) {
    try {
      await watcher.round();
    } catch (err) {
      if (!signal.aborted) log.warn({ err, watcher: watcher.name }, "a watcher's round failed");
    }
    await delay(watcher.everyMs, undefined, { signal }).catch(() => {}); // an abort ends the loop
  }
}
