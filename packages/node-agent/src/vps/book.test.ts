import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Book, openBook } from "./book.ts";

/** A few lines: it is written anew again and again. */
const SMALL_BYTES = 2_000;
const VPS = "v000000000a";
let directory = "";

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "muster-book-"));
});
afterEach(() => rm(directory, { recursive: true }));

const mark = (book: Book, epoch: number) => book.write([{ type: "mark", vpsId: VPS, mark: { epoch, seqCeiling: 0 } }]);
const answer = (book: Book, key: string) => book.write([{ type: "answer", key, answer: { atMs: 0, value: key } }]);

it("loses nothing that was written while it was written anew, by several at once", async () => {
  const book = await openBook(directory, 0, SMALL_BYTES);
  const writers = Array.from({ length: 4 }, async (_, writer) => {
    for (let count = 0; count < 100; count += 1) {
      await answer(book, `${writer}-${count}`);
      if (count % 7 === writer) await new Promise((resolve) => setImmediate(resolve));
    }
  });
  await Promise.all(writers);
  await book.close();
  const again = await openBook(directory, 0);
  const keys = Array.from({ length: 400 }, (_, index) => `${Math.floor(index / 100)}-${index % 100}`);
  expect(keys.filter((key) => again.answer(key) === undefined)).toEqual([]);
  await again.close();
});

it("stays as small as what it has to remember", async () => {
  const book = await openBook(directory, 0, SMALL_BYTES);
  for (let epoch = 1; epoch <= 500; epoch += 1) await mark(book, epoch);
  await book.close();
  expect((await stat(join(directory, "journal.jsonl"))).size).toBeLessThan(2 * SMALL_BYTES);
  const again = await openBook(directory, 0);
  expect(again.mark(VPS).epoch).toBe(500);
  await again.close();
});
