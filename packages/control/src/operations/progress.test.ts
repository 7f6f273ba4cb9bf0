import type { Progress } from "@muster/model/job";
import { expect, test, vi } from "vitest";
import { silentLog } from "../log.ts";
import { createReporter } from "./progress.ts";

const bytes = (done: number): Progress => ({ phase: "unpack", done, total: 1_000, unit: "bytes" });

test("a step may report as often as it likes: the first is written at once, then the latest of each moment", async () => {
  const written: number[] = [];
  const { report } = createReporter(async (_, { done }) => void written.push(done), {
    log: silentLog,
    signal: new AbortController().signal,
  });
  for (let done = 1; done <= 100; done += 1) report(bytes(done), 0);
  await vi.waitFor(() => expect(written).toEqual([1, 100]));
});

test("what cannot be written is no reason to stop: the next one is", async () => {
  const warn = vi.fn();
  const written: number[] = [];
  let away = true;
  const write = async (_: number, { done }: Progress) => {
    if (away) throw new Error("the database is away");
    written.push(done);
  };
  const { report } = createReporter(write, { log: { ...silentLog, warn }, signal: new AbortController().signal });
  report(bytes(1), 0);
  await vi.waitFor(() => expect(warn).toHaveBeenCalledOnce());
  away = false;
  report(bytes(2), 0);
  await vi.waitFor(() => expect(written).toEqual([2]));
});
