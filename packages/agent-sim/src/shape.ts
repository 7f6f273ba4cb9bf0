/**
 * How busy something is over the day, as a sum of waves, and its integral in closed form: a counter at any time
 * is one evaluation. So a simulated node keeps no ring of samples and does no work while nobody looks at it.
 */
import { fractionOf } from "./seed.ts";

const DAY_S = 86_400;
/** Busiest at two in the afternoon, UTC. */
const PEAK_S = 14 * 3_600;

/** Amplitudes add up to less than 1, so the rate stays above zero and the counter only grows. */
const WAVES = [
  { periodS: DAY_S, amplitude: 0.5 },
  { periodS: 613, amplitude: 0.2 },
  { periodS: 47, amplitude: 0.15 },
  { periodS: 7, amplitude: 0.1 },
] as const;

export const GREATEST_RATE = 1 + WAVES.reduce((sum, wave) => sum + wave.amplitude, 0);

function phaseOf(seed: string, periodS: number): number {
  if (periodS === DAY_S) return -(2 * Math.PI * (PEAK_S + 3_600 * (fractionOf(`${seed} peak`) - 0.5))) / DAY_S;
  return 2 * Math.PI * fractionOf(`${seed} ${periodS}`);
}

export interface Shape {
  /** What passed between two times (ms since the epoch), where 1 per second is the mean of a day. */
  between(fromMs: number, toMs: number): number;
}

export function shapeOf(seed: string): Shape {
  const waves = WAVES.map(({ periodS, amplitude }) => ({
    turn: (2 * Math.PI) / periodS,
    scale: (amplitude * periodS) / (2 * Math.PI),
    phase: phaseOf(seed, periodS),
  }));
  const waved = (atS: number) =>
    waves.reduce((sum, { turn, scale, phase }) => sum + scale * Math.sin(turn * atS + phase), 0);
  return {
    between: (fromMs, toMs) => {
      if (toMs <= fromMs) return 0;
      return Math.max(0, (toMs - fromMs) / 1000 + waved(toMs / 1000) - waved(fromMs / 1000));
    },
  };
}
