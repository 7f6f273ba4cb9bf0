/** Time and chance come from outside, so that a test decides them. */
export interface Clock {
  /** ms since the epoch */
  nowMs(): number;
}
export const systemClock: Clock = { nowMs: () => Date.now() };
