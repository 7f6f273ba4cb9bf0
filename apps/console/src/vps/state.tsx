import type { VpsState } from "@muster/model/vps";
import { StateMark, StateShape, type Tone } from "../ui/state-mark.tsx";

/** Green is for what is known to run, and for nothing else. */
const TONE_OF_STATE = {
  creating: "busy",
  stopped: "stopped",
  starting: "busy",
  running: "running",
  stopping: "busy",
  restarting: "busy",
  deleting: "busy",
  failed: "failed",
  unknown: "unknown",
} as const satisfies Record<VpsState, Tone>;

export function VpsStateMark({ state, filled = false }: { state: VpsState; filled?: boolean }) {
  return <StateMark tone={TONE_OF_STATE[state]} label={state} filled={filled} />;
}

export function VpsStateShape({ state }: { state: VpsState }) {
  return <StateShape tone={TONE_OF_STATE[state]} />;
}
