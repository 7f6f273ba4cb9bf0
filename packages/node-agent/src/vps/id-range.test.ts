import { describe, expect, it } from "vitest";
import { chooseIdBase, ID_RANGE_SIZE } from "./id-range.ts";

describe("chooseIdBase", () => {
  it("gives the same VPS the same range on every node", () => {
    expect(chooseIdBase("v0123456789", new Set())).toBe(chooseIdBase("v0123456789", new Set([1])));
  });

  it("never gives a range that is in use", () => {
    const taken = new Set<number>();
    for (let index = 0; index < 4094; index += 1) {
      const base = chooseIdBase("v0123456789", taken);
      expect(base).not.toBeNull();
      expect(taken.has(base ?? 0)).toBe(false);
      taken.add(base ?? 0);
    }
    expect(chooseIdBase("v0123456789", taken)).toBeNull();
    expect(Math.min(...taken)).toBeGreaterThan(1_879_048_191);
    expect(Math.max(...taken) + ID_RANGE_SIZE).toBeLessThan(2 ** 31);
  });
});
