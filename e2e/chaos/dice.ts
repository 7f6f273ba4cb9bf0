/** mulberry32: small, and the same everywhere. All of a run's decisions come from its seed. */
export interface Dice {
  /** 0 to sides - 1. */
  roll(sides: number): number;
  /** From `least` to `most`, both included. */
  between(least: number, most: number): number;
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
}

export function diceOf(seed: number): Dice {
  let state = seed | 0;
  const roll = (sides: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
  return {
    roll,
    between: (least, most) => least + roll(most - least + 1),
    pick: (items) => items[roll(items.length)] ?? items[0],
  };
}
