import { readFileSync } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { z } from "zod";
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
const answer = (book: Book, key: string, value: number) =>
  book.write([{ type: "answer", key, answer: { atMs: 0, value } }]);

it("loses nothing that was written while it was written anew, by several at once", async () => {
  const book = await openBook(directory, 0, SMALL_BYTES);
  const answered = new Map<string, number>();
  const writing = ["a", "b", "c", "d", "e", "f"].map(async (key, index) => {
    for (let count = 1; count <= 150; count += 1) {
      await answer(book, key, count);
      answered.set(key, count);
      // At any moment the agent may be killed: whatever was answered for is on the disk.
      const found = onDisk();
      expect([...answered].filter(([one, value]) => (found.get(one) ?? 0) < value)).toEqual([]);
      for (let turn = 0; turn < (count * (index + 1)) % 5; turn += 1) await new Promise(setImmediate);
    }
  });
  await Promise.all(writing);
  await book.close();
});

const linesSchema = z.array(z.array(z.object({ key: z.string(), answer: z.object({ value: z.number() }) })));

/** What the next agent would find, by key. */
function onDisk(): Map<string, number> {
  const text = readFileSync(join(directory, "journal.jsonl"), "utf8");
  const whole = text.slice(0, text.lastIndexOf("\n")); // another line may be on its way
  const lines = linesSchema.parse(JSON.parse(`[${whole.replaceAll("\n", ",")}]`));
  return new Map(lines.flat().map((change) => [change.key, change.answer.value]));
}

it("stays as small as what it has to remember", async () => {
  const book = await openBook(directory, 0, SMALL_BYTES);
  for (let epoch = 1; epoch <= 500; epoch += 1) await mark(book, epoch);
  await book.close();
  expect((await stat(join(directory, "journal.jsonl"))).size).toBeLessThan(2 * SMALL_BYTES);
  const again = await openBook(directory, 0);
  expect(again.mark(VPS).epoch).toBe(500);
  await again.close();
});
