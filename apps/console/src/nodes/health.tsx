import type { NodeHealth } from "@muster/model/node";
import { StateMark, StateShape, type Tone } from "../ui/state-mark.tsx";

const TONE_OF_HEALTH = {
  healthy: "running",
  unknown: "unknown",
  enrolling: "busy",
} as const satisfies Record<NodeHealth, Tone>;

export function NodeHealthMark({ health, filled = false }: { health: NodeHealth; filled?: boolean }) {
  return <StateMark tone={TONE_OF_HEALTH[health]} label={health} filled={filled} />;
}

export function NodeHealthShape({ health }: { health: NodeHealth }) {
  return <StateShape tone={TONE_OF_HEALTH[health]} />;
}
