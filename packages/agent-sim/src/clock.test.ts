import { expect, test } from "vitest";
import { createSteppableClock } from "./clock.ts";

test("nobody wakes before the clock is stepped, and then each at his own time", async () => {
  const clock = createSteppableClock(0);
  const woken: [string, number][] = [];
  const sleeper = (name: string, ms: number) => clock.sleep(ms).then(() => woken.push([name, clock.nowMs()]));
  void sleeper("late", 300);
  void sleeper("early", 100);
  await clock.step(99);
  expect(woken).toEqual([]);
  await clock.step(500);
  expect(woken).toEqual([
    ["early", 100],
    ["late", 300],
  ]);
  expect(clock.nowMs()).toBe(599);
});

test("who falls asleep again within one step is woken again", async () => {
  const clock = createSteppableClock(0);
  let ticks = 0;
  const stop = new AbortController();
  const ticking = (async () => {
    for (;;) {
      await clock.sleep(10, stop.signal);
      ticks += 1;
    }
  })();
  await clock.step(100);
  expect(ticks).toBe(10);
  stop.abort(new Error("enough"));
  await expect(ticking).rejects.toThrow("enough");
});
