/**
 * Bad luck on order: a VPS of a simulated node whose name is one of these, or begins with it and '-', has the
 * failure that the name says; `sim-slow-stop-3s` is slow for three seconds. Tests, demonstrations and script authors
 * share the list.
 */

import type { ErrorCode } from "@muster/model/errors";
import { MusterError } from "@muster/model/errors";

export type Work = "create" | "start" | "stop" | "delete" | "limits";

type Failure =
  | { work: Work; fails: ErrorCode; message: string }
  | { work: Work; takesMs: number }
  | { work: "die"; afterMs: number };

/** Ends only with its caller's patience: long enough for any deadline. */
const HANG_MS = 86_400_000;
const SLOW_MS = 20_000;

export const SENTINELS = {
  "sim-fail-create": { work: "create", fails: "engine_failed", message: "The simulated storage failed, as asked." },
  "sim-pool-full": { work: "create", fails: "pool_full", message: "The simulated storage pool is full, as asked." },
  "sim-disk-full": { work: "create", fails: "disk_full", message: "The simulated node's disk is full, as asked." },
  "sim-slow-create": { work: "create", takesMs: SLOW_MS },
  "sim-hang-create": { work: "create", takesMs: HANG_MS },
  "sim-fail-start": { work: "start", fails: "engine_failed", message: "The simulated guest did not start, as asked." },
  "sim-slow-start": { work: "start", takesMs: SLOW_MS },
  "sim-hang-start": { work: "start", takesMs: HANG_MS },
  "sim-fail-limits": { work: "limits", fails: "engine_failed", message: "The simulated kernel refused, as asked." },
  "sim-slow-limits": { work: "limits", takesMs: SLOW_MS },
  "sim-hang-limits": { work: "limits", takesMs: HANG_MS },
  "sim-fail-stop": { work: "stop", fails: "engine_failed", message: "The simulated guest did not hear, as asked." },
  "sim-slow-stop": { work: "stop", takesMs: SLOW_MS },
  "sim-fail-delete": { work: "delete", fails: "engine_failed", message: "The simulated area stays, as asked." },
  "sim-dies": { work: "die", afterMs: 5_000 },
} as const satisfies Record<string, Failure>;

function failureOf(hostname: string): Failure | null {
  for (const [name, failure] of Object.entries(SENTINELS)) {
    if (hostname === name || hostname.startsWith(`${name}-`)) return failure;
  }
  return null;
}

/** Throws where that is what the name asks for. */
export function failOnOrder(hostname: string, work: Work): void {
  const failure = failureOf(hostname);
  if (failure !== null && "fails" in failure && failure.work === work) {
    throw new MusterError(failure.fails, failure.message);
  }
}

/** How long the name asks the work to take; null where it does not ask. */
export function orderedMs(hostname: string, work: Work): number | null {
  const failure = failureOf(hostname);
  if (failure === null || !("takesMs" in failure) || failure.work !== work) return null;
  const seconds = /-(\d{1,3})s$/.exec(hostname)?.[1];
  return seconds === undefined ? failure.takesMs : Number(seconds) * 1000;
}

/** When after its start the guest dies by itself; null when it does not. */
export function lifetimeOf(hostname: string): number | null {
  const failure = failureOf(hostname);
  return failure?.work === "die" ? failure.afterMs : null;
}
