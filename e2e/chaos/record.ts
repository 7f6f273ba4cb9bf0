/** What the callers of a run were told: the audit holds the fleet to it. */
import type { Act } from "./schedule.ts";

export interface ChaosRecord {
  /** Jobs that a caller was given the id of. */
  promised: Map<string, Act["type"]>;
  /** Of those, what the job itself does not show: whether a create was to start its VPS, and the name a rename was to give. */
  starts: Map<string, boolean>;
  names: Map<string, string>;
  /** The newest VPS of each slot. */
  slots: Map<number, string>;
  /** What was written into VPSs of the real node, and was acknowledged. */
  markers: Map<string, string>;
  /** Refusals by code; `unheard` where no server answered. */
  refusals: Map<string, number>;
  kills: Map<string, number>;
}

export const emptyRecord = (): ChaosRecord => ({
  promised: new Map(),
  starts: new Map(),
  names: new Map(),
  slots: new Map(),
  markers: new Map(),
  refusals: new Map(),
  kills: new Map(),
});

export function count(figures: Map<string, number>, name: string): void {
  figures.set(name, (figures.get(name) ?? 0) + 1);
}
