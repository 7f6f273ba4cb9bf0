import { setTimeout as delay } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { createBatches } from "./batches.ts";

/** A write that waits until it is let through, so that others come meanwhile. */
function slow() {
  const written: number[][] = [];
  const gates: (() => void)[] = [];
  const write = async (items: readonly number[]) => {
    written.push([...items]);
    await new Promise<void>((resolve) => gates.push(resolve));
    return items.map((item) => item * 10);
  };
  return { written, write, letThrough: () => gates.shift()?.() };
}
const hasWritten = (written: readonly unknown[], count: number) =>
  vi.waitFor(() => expect(written).toHaveLength(count), { interval: 1 });

test("one alone is written at once; those that come meanwhile go together, each with its own answer", async () => {
  const { written, write, letThrough } = slow();
  const batches = createBatches(10, write);
  const all = [1, 2, 3].map((item) => batches.put(item));
  await hasWritten(written, 1);
  expect(written).toEqual([[1]]);
  letThrough();
  await hasWritten(written, 2);
  expect(written).toEqual([[1], [2, 3]]);
  letThrough();
  expect(await Promise.all(all)).toEqual([10, 20, 30]);
});

test("a batch is never larger than it may be", async () => {
  const { written, write, letThrough } = slow();
  const batches = createBatches(2, write);
  const all = [1, 2, 3, 4].map((item) => batches.put(item));
  for (let count = 1; count <= 3; count += 1) {
    await hasWritten(written, count);
    letThrough();
  }
  await Promise.all(all);
  expect(written).toEqual([[1], [2, 3], [4]]);
});

test("one that cannot be written takes no other with it, and what comes later is written", async () => {
  const batches = createBatches(10, async (items: readonly number[]) => {
    if (items.includes(2)) throw new Error("2 is at fault");
    return items;
  });
  const results = await Promise.allSettled([1, 2, 3].map((item) => batches.put(item)));
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(await batches.put(4)).toBe(4);
});

test("after one the database is left in peace for as long as it took, and whoever comes then waits for nothing", async () => {
  const spans: { begunMs: number; endedMs: number }[] = [];
  const batches = createBatches(1, async (items: readonly number[]) => {
    const begunMs = performance.now();
    await delay(15);
    spans.push({ begunMs, endedMs: performance.now() });
    return items;
  });
  await Promise.all([1, 2].map((item) => batches.put(item)));
  const [first, second] = spans;
  const peaceMs = (second?.begunMs ?? 0) - (first?.endedMs ?? 0);
  expect(peaceMs).toBeGreaterThanOrEqual(14); // a timer may be a millisecond early
  await delay(100);
  const askedMs = performance.now();
  await batches.put(3);
  expect((spans[2]?.begunMs ?? 0) - askedMs).toBeLessThan(14);
});
