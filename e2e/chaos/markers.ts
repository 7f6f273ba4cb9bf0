/** A marker in the private area of each VPS of the real node: what shows at the end that it is the same VPS, with its data. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Stage } from "./callers.ts";

export const MARKER_FILE = "chaos-marker";
const TRIES = 60;
const BETWEEN_MS = 500;

/** Writes it once the VPS runs; a VPS that never comes to that, or goes first, has none. */
export async function markWhenMade({ clients, record }: Stage, { vpsId }: { vpsId: string }): Promise<void> {
  const argv = ["sh", "-c", `echo ${vpsId} > /${MARKER_FILE}`];
  for (let tries = 0; tries < TRIES; tries += 1) {
    await sleep(BETWEEN_MS);
    const client = clients[tries % clients.length];
    const done = await client?.vps.exec.mutate({ vpsId, argv, timeoutMs: 5_000 }).catch(() => null); // not yet, or no more
    if (done?.exitCode === 0) {
      record.markers.set(vpsId, vpsId);
      return;
    }
  }
}
