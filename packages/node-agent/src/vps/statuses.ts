/**
 * The status of every placement as last seen, its number, and who wants to hear of changes.
 *
 * A number is given out only below the ceiling that is on disk, and the next agent begins at that ceiling:
 * so numbers never fall back, and giving one out costs no write.
 */
import type { VpsId } from "@muster/model/ids";
import type { PlacementStatus } from "@muster/model/vps";
import { type Book, SEQ_BLOCK } from "./book.ts";
import type { Placement, StatusFacts } from "./placement.ts";

/** A subscriber that does not read for this many changes is cut off; it comes back and asks listVps. */
const BACKLOG = 10_000;

export interface Statuses {
  /** Numbers the facts, and tells the watchers if they are news. */
  report(placement: Placement, facts: StatusFacts): Promise<PlacementStatus>;
  /** A number for a status that is yet to become true: what is reported after it has a higher one. */
  issue(vpsId: VpsId): Promise<number>;
  last(vpsId: VpsId): PlacementStatus | undefined;
  /** Rises with every piece of news: what was found before it may be out of date. */
  revision(vpsId: VpsId): number;
  forget(vpsId: VpsId): void;
  watch(signal: AbortSignal): AsyncIterable<PlacementStatus>;
}

interface Watcher {
  queue: PlacementStatus[];
  wake: () => void;
}

export function createStatuses(book: Book, nowMs: () => number): Statuses {
  const known = new Map<VpsId, PlacementStatus>();
  const issued = new Map<VpsId, number>();
  const watchers = new Set<Watcher>();

  /** Written well before it is reached, so that nobody waits for it. */
  async function raiseCeiling(vpsId: VpsId, reached: number): Promise<void> {
    const { epoch, seqCeiling } = book.mark(vpsId);
    if (reached + SEQ_BLOCK / 2 < seqCeiling) return;
    await book.write([{ type: "mark", vpsId, mark: { epoch, seqCeiling: reached + SEQ_BLOCK } }]);
  }

  function nextNumber(vpsId: VpsId): number {
    const statusSeq = (issued.get(vpsId) ?? Math.max(0, book.mark(vpsId).seqCeiling - SEQ_BLOCK)) + 1;
    issued.set(vpsId, statusSeq);
    return statusSeq;
  }

  return {
    issue: async (vpsId) => {
      const statusSeq = nextNumber(vpsId);
      await raiseCeiling(vpsId, statusSeq);
      return statusSeq;
    },
    report: async (placement, facts) => {
      const before = known.get(placement.vpsId);
      const { vpsId, epoch, generation: appliedGeneration } = placement;
      const observedAtMs = nowMs();
      if (before !== undefined && same(before, { ...facts, epoch, appliedGeneration })) {
        const again = { ...before, observedAtMs };
        known.set(vpsId, again);
        return again;
      }
      const statusSeq = nextNumber(vpsId);
      const status: PlacementStatus = { vpsId, statusSeq, epoch, appliedGeneration, ...facts, observedAtMs };
      known.set(vpsId, status);
      await raiseCeiling(vpsId, statusSeq);
      for (const watcher of watchers) {
        watcher.queue.push(status);
        watcher.wake();
      }
      return status;
    },
    last: (vpsId) => known.get(vpsId),
    revision: (vpsId) => issued.get(vpsId) ?? 0,
    forget: (vpsId) => {
      known.delete(vpsId);
    },
    watch: (signal) => follow(watchers, signal),
  };
}

type Told = StatusFacts & Pick<PlacementStatus, "epoch" | "appliedGeneration">;

function same(a: Told, b: Told): boolean {
  return (
    a.state === b.state &&
    a.reason === b.reason &&
    a.startedAtMs === b.startedAtMs &&
    a.diskUsedBytes === b.diskUsedBytes &&
    a.epoch === b.epoch &&
    a.appliedGeneration === b.appliedGeneration
  );
}

/** Registered when called, not when first read: a change between the two is not lost. */
function follow(watchers: Set<Watcher>, signal: AbortSignal): AsyncIterable<PlacementStatus> {
  const watcher: Watcher = { queue: [], wake: () => undefined };
  watchers.add(watcher);
  const stop = () => {
    watchers.delete(watcher);
    watcher.wake();
  };
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop, { once: true });
  return (async function* () {
    try {
      while (!signal.aborted && watcher.queue.length < BACKLOG) {
        const status = watcher.queue.shift();
        if (status !== undefined) {
          yield status;
          continue;
        }
        await new Promise<void>((resolve) => {
          watcher.wake = resolve;
          if (signal.aborted || watcher.queue.length > 0) resolve();
        });
      }
    } finally {
      watchers.delete(watcher);
      signal.removeEventListener("abort", stop);
    }
  })();
}
