import { expect, it, vi } from "vitest";
import { z } from "zod";
import type { Book } from "./book.ts";
import { createKeyed } from "./keyed.ts";

/** A journal on a disk that is full. */
const FULL: Book = {
  placements: () => [],
  placement: () => undefined,
  mark: () => ({ epoch: 0, seqCeiling: 0 }),
  answer: () => undefined,
  write: () => Promise.reject(Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" })),
  close: async () => undefined,
};
const CALL = { name: "configureVps", key: "k", schema: z.string() };

it("takes back what was done when it cannot be written down, and says why", async () => {
  const undo = vi.fn(async () => undefined);
  const call = createKeyed(FULL, () => 0).once(CALL, async () => ({ answer: "done", undo }));
  await expect(call).rejects.toMatchObject({ code: "disk_full" });
  expect(undo).toHaveBeenCalledOnce();
});

it("loses neither cause when it can be neither written down nor taken back", async () => {
  const undo = () => Promise.reject(new Error("the kernel is not itself today"));
  const call = createKeyed(FULL, () => 0).once(CALL, async () => ({ answer: "done", undo }));
  const causes = [{ code: "disk_full" }, { message: "the kernel is not itself today" }];
  await expect(call).rejects.toMatchObject({ code: "engine_failed", cause: { errors: causes } });
});

it("who joined a call whose caller gave up does the work himself", async () => {
  const book: Book = { ...FULL, answer: () => undefined, write: async () => undefined };
  const keyed = createKeyed(book, () => 0);
  const caller = new AbortController();
  const first = keyed.once(CALL, async () => {
    await new Promise((_, reject) => caller.signal.addEventListener("abort", () => reject(caller.signal.reason)));
    return { answer: "never" };
  });
  const work = vi.fn(async () => ({ answer: "done" }));
  const joined = [keyed.once(CALL, work), keyed.once(CALL, work)];
  caller.abort();
  await expect(first).rejects.toMatchObject({ code: "deadline_exceeded" });
  expect(await Promise.all(joined)).toEqual(["done", "done"]);
  expect(work).toHaveBeenCalledOnce();
});
