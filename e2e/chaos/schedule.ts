/**
 * What a run is going to do, decided before it begins, so that the seed alone says it: who asks for what, when, and what is
 * killed meanwhile. How the fleet fares under it is not decided, and not the same twice.
 */
import { type Dice, diceOf } from "./dice.ts";

const CALLERS = 4;
/** VPSs that may be there at once; each has a node and an address of its own. */
export const SLOTS = 40;
const BETWEEN_ACTS_MS = [200, 1_500] as const;
const BETWEEN_KILLS_MS = [2_500, 6_000] as const;
/** Until what was killed is started again. */
const DOWN_MS = [200, 4_000] as const;
const BULK_LARGEST = 8;

export type Act =
  | { type: "create"; slot: number; start: boolean }
  | { type: "start" | "stop" | "restart" | "delete"; slot: number }
  | { type: "setLimits"; slot: number; scale: number; seconds: number | null }
  | { type: "rename"; slot: number; tail: number }
  | { type: "bulk"; slots: number[]; action: "start" | "stop" | "restart" | "setLimits"; scale: number }
  | { type: "import"; node: number; name: string }
  | { type: "cancel" | "retry"; which: number }
  /** Refused while it has VPSs, which all nodes have. */
  | { type: "removeNode"; node: number };

export interface PlannedAct {
  atMs: number;
  caller: number;
  act: Act;
}
export type Victim = "server 0" | "server 1" | "simulated" | "real" | "postgres";
export interface PlannedKill {
  atMs: number;
  victim: Victim;
  downMs: number;
}
export interface Schedule {
  acts: PlannedAct[];
  kills: PlannedKill[];
}

/** How often each kind of act comes, of all of them. */
const SHARES: readonly [Act["type"], number][] = [
  ["create", 24],
  ["start", 9],
  ["stop", 9],
  ["restart", 7],
  ["delete", 9],
  ["setLimits", 16],
  ["rename", 6],
  ["bulk", 5],
  ["import", 3],
  ["cancel", 7],
  ["retry", 4],
  ["removeNode", 1],
];

function typeOf(dice: Dice): Act["type"] {
  let left = dice.roll(SHARES.reduce((sum, [, share]) => sum + share, 0));
  for (const [type, share] of SHARES) {
    left -= share;
    if (left < 0) return type;
  }
  return "create";
}

function actOf(dice: Dice): Act {
  const type = typeOf(dice);
  const slot = dice.roll(SLOTS);
  switch (type) {
    case "create":
      return { type, slot, start: dice.roll(5) > 0 };
    case "setLimits":
      return { type, slot, scale: dice.between(1, 8), seconds: dice.roll(6) === 0 ? dice.between(3, 20) : null };
    case "rename":
      return { type, slot, tail: dice.roll(1_000) };
    case "bulk": {
      const slots = Array.from({ length: dice.between(2, BULK_LARGEST) }, () => dice.roll(SLOTS));
      const action = dice.pick(["start", "stop", "restart", "setLimits"] as const);
      return { type, slots: [...new Set(slots)], action, scale: dice.between(1, 8) };
    }
    case "import":
      return { type, node: dice.roll(SLOTS), name: `chaos-${dice.roll(6)}` };
    case "cancel":
    case "retry":
      return { type, which: dice.roll(1_000) };
    case "removeNode":
      return { type, node: dice.roll(SLOTS) };
    default:
      return { type, slot };
  }
}

function actsOf(caller: number, dice: Dice, lastsMs: number): PlannedAct[] {
  const acts: PlannedAct[] = [];
  for (let atMs = dice.between(...BETWEEN_ACTS_MS); atMs < lastsMs; atMs += dice.between(...BETWEEN_ACTS_MS))
    acts.push({ atMs, caller, act: actOf(dice) });
  return acts;
}

export function scheduleOf(seed: number, seconds: number): Schedule {
  const lastsMs = seconds * 1000;
  const acts = Array.from({ length: CALLERS }, (_, caller) => actsOf(caller, diceOf(seed * 100 + caller), lastsMs));
  const dice = diceOf(seed * 100 + CALLERS);
  const kills: PlannedKill[] = [];
  for (let atMs = dice.between(...BETWEEN_KILLS_MS); atMs < lastsMs; atMs += dice.between(...BETWEEN_KILLS_MS)) {
    const victim = dice.pick(["server 0", "server 1", "simulated", "real", "real", "postgres"] as const);
    kills.push({ atMs, victim, downMs: dice.between(...DOWN_MS) });
  }
  return { acts: acts.flat().sort((one, other) => one.atMs - other.atMs), kills };
}
