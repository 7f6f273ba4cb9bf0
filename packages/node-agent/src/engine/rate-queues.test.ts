import { describe, expect, it } from "vitest";
import { bucketOf, changeLines, cutsToFrames, queueLines } from "./rate-queues.ts";

const FULL_FRAME = 1514;
/** tc's `burst` and `limit` go to the kernel as 32 bits. */
const MOST = 2 ** 32 - 1;

describe("the bucket of a rate", () => {
  it.each([100_000, 1_000_000, 6_000_000, 1e9, 1e10, 4e11])("lets a full frame through at %d bit/s", (rate) => {
    const { burst, limit } = bucketOf(rate);
    expect(burst).toBeGreaterThan(FULL_FRAME);
    expect(limit).toBeGreaterThan(burst + 8 * FULL_FRAME);
    expect(limit).toBeLessThan(MOST);
  });

  it.each([1e8, 1e9, 4e11])("holds 5 ms of %d bit/s, and 10 ms wait behind it", (rate) => {
    expect(bucketOf(rate)).toEqual({ burst: (rate / 8) * 0.005, limit: (rate / 8) * 0.015 });
  });
});

describe("what waits at a rate", () => {
  const LONGEST = 65_536;
  const isCut = (rate: number) => changeLines("v0000000001", rate).some((line) => / mtu 1600$/.test(line));

  it.each([100_000, 2e7, 1.04e8])("is no longer than a frame at %d bit/s", (rate) => {
    expect([cutsToFrames(rate), isCut(rate)]).toEqual([true, true]);
  });

  it.each([1.05e8, 1e9, 4e11])("is left whole at %d bit/s, and fits the bucket of any such rate", (rate) => {
    expect([cutsToFrames(rate), isCut(rate)]).toEqual([false, false]);
    expect(bucketOf(rate).burst).toBeGreaterThanOrEqual(LONGEST);
  });
});

it("a change touches nothing that a tree does not have", () => {
  const handles = (lines: readonly string[]) => new Set(lines.map((line) => / handle (\d+):/.exec(line)?.[1]));
  const made = handles(queueLines("v0000000001", 1_000_000));
  expect([...handles(changeLines("v0000000001", 2_000_000))].filter((handle) => !made.has(handle))).toEqual([]);
});
