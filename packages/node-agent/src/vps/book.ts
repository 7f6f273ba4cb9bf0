/**
 * What the agent knows for good: its placements, the highest epoch seen of every VPS, and the answers of the
 * keys it has finished. All in memory, all in the journal; a change is written before it is believed.
 */
import { join } from "node:path";
import { MusterError } from "@muster/model/errors";
import { type VpsId, vpsIdSchema } from "@muster/model/ids";
import { z } from "zod";
import { openJournal, readJournal } from "./journal.ts";
import { type Placement, placementSchema } from "./placement.ts";

const answerSchema = z.object({ atMs: z.number(), value: z.unknown() });
/**
 * The highest epoch seen of a VPS, and the number below which its status numbers may have been given out. Both only
 * rise, and both outlive the VPS: a command that left before it moved away may arrive after it came back.
 */
const markSchema = z.object({ epoch: z.number().int(), seqCeiling: z.number().int() });
export type Mark = z.infer<typeof markSchema>;

const changeSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("placement"), placement: placementSchema }),
  z.object({ type: z.literal("gone"), vpsId: vpsIdSchema }),
  z.object({ type: z.literal("mark"), vpsId: vpsIdSchema, mark: markSchema }),
  z.object({ type: z.literal("answer"), key: z.string(), answer: answerSchema }),
]);
export type Change = z.infer<typeof changeSchema>;
const lineSchema = z.array(changeSchema);

/** A retry comes within seconds, or after an outage of the server; a week is an outage nobody recovers from by retrying. */
const ANSWER_KEPT_MS = 7 * 24 * 3600 * 1000;
const ANSWERS_KEPT = 20_000;
/** About 40,000 lines: read and parsed in well under a second at the next start. */
const COMPACT_ABOVE_BYTES = 16 * 1024 * 1024;
/** Status numbers that one life of the agent may give out for a VPS before it has to write. */
export const SEQ_BLOCK = 1000;
const NO_MARK: Mark = { epoch: 0, seqCeiling: 0 };

export interface Book {
  placements(): Placement[];
  placement(vpsId: VpsId): Placement | undefined;
  mark(vpsId: VpsId): Mark;
  answer(key: string): { value: unknown } | undefined;
  /** All of it or nothing of it, on the disk when it returns. */
  write(changes: readonly Change[]): Promise<void>;
  close(): Promise<void>;
}

interface Pages {
  placements: Map<VpsId, Placement>;
  marks: Map<VpsId, Mark>;
  answers: Map<string, z.infer<typeof answerSchema>>;
}

export async function openBook(
  directory: string,
  nowMs: number,
  compactAboveBytes = COMPACT_ABOVE_BYTES,
): Promise<Book> {
  const path = join(directory, "journal.jsonl");
  const pages: Pages = { placements: new Map(), marks: new Map(), answers: new Map() };
  for (const line of await readJournal(path)) {
    for (const change of parseLine(line)) apply(pages, change);
  }
  for (const mark of pages.marks.values()) mark.seqCeiling += SEQ_BLOCK;
  const journal = await openJournal(path);
  const compact = () => journal.rewrite(() => linesOf(pages, nowMs));
  await compact();
  /** What is needed for good may be more than that: the file is not written anew for every line it grows by. */
  const roomNow = () => Math.max(compactAboveBytes, 2 * journal.size());
  let roomBytes = roomNow();
  let compacting = false;

  /** What was to be written is on the disk: a compaction that fails is tried again after the next line. */
  async function compactWhenLarge(): Promise<void> {
    if (compacting || journal.size() <= roomBytes) return;
    compacting = true;
    await compact().then(
      () => {
        roomBytes = roomNow();
      },
      () => undefined,
    );
    compacting = false;
  }

  return {
    placements: () => [...pages.placements.values()],
    placement: (vpsId) => pages.placements.get(vpsId),
    mark: (vpsId) => pages.marks.get(vpsId) ?? NO_MARK,
    answer: (key) => pages.answers.get(key),
    write: async (changes) => {
      await journal.append(changes, () => {
        for (const change of changes) apply(pages, change);
      });
      await compactWhenLarge();
    },
    close: () => journal.close(),
  };
}

function parseLine(line: unknown): Change[] {
  const parsed = lineSchema.safeParse(line);
  if (parsed.success) return parsed.data;
  throw new MusterError("internal", "The agent's journal was written by another version.", { cause: parsed.error });
}

function apply(pages: Pages, change: Change): void {
  switch (change.type) {
    case "placement":
      pages.placements.set(change.placement.vpsId, change.placement);
      return;
    case "gone":
      pages.placements.delete(change.vpsId);
      return;
    case "mark": {
      const before = pages.marks.get(change.vpsId) ?? NO_MARK;
      pages.marks.set(change.vpsId, {
        epoch: Math.max(before.epoch, change.mark.epoch),
        seqCeiling: Math.max(before.seqCeiling, change.mark.seqCeiling),
      });
      return;
    }
    case "answer":
      pages.answers.set(change.key, change.answer);
      return;
  }
}

function linesOf(pages: Pages, nowMs: number): Change[][] {
  const kept = [...pages.answers].filter(([, { atMs }]) => nowMs - atMs < ANSWER_KEPT_MS).slice(-ANSWERS_KEPT);
  pages.answers = new Map(kept);
  const changes: Change[] = [
    ...[...pages.marks].map(([vpsId, mark]): Change => ({ type: "mark", vpsId, mark })),
    ...[...pages.placements.values()].map((placement): Change => ({ type: "placement", placement })),
    ...kept.map(([key, answer]): Change => ({ type: "answer", key, answer })),
  ];
  return changes.map((change) => [change]);
}
