/** Once per key: a caller may retry blindly, and gets the recorded answer instead of the work. */
import { MusterError } from "@muster/model/errors";
import type { z } from "zod";
import { afterRollBack, failuresOf } from "../roll-back.ts";
import type { Book, Change } from "./book.ts";

export interface Done<T> {
  answer: T;
  /** Written in the same line as the answer: neither is ever on disk without the other. */
  changes?: readonly Change[];
  /** Takes the work back when that line cannot be written. */
  undo?: () => Promise<void>;
}

export interface Keyed {
  /** Failures are not recorded: the same key tries again, on top of what it already did. */
  once<T>(call: { name: string; key: string; schema: z.ZodType<T> }, work: () => Promise<Done<T>>): Promise<T>;
}

export function createKeyed(book: Book, nowMs: () => number): Keyed {
  const underWay = new Map<string, Promise<unknown>>();
  return {
    once: async (call, work) => {
      const key = `${call.name} ${call.key}`;
      const recorded = book.answer(key);
      if (recorded !== undefined) return call.schema.parse(recorded.value);
      const joined = underWay.get(key);
      if (joined !== undefined) return call.schema.parse(await joined);
      const run = (async () => {
        const {
          answer,
          changes = [],
          undo,
        } = await work().catch((error: unknown) => {
          throw withCode(error);
        });
        const value = answer ?? null;
        try {
          await book.write([...changes, { type: "answer", key, answer: { atMs: nowMs(), value } }]);
        } catch (cause) {
          throw afterRollBack(withCode(cause), undo === undefined ? [] : await failuresOf(undo()));
        }
        return answer;
      })();
      underWay.set(key, run);
      try {
        return await run;
      } finally {
        underWay.delete(key);
      }
    },
  };
}

/** What Node.js itself threw on the way: the host's disk that is full, the caller who gave up. */
function withCode(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof MusterError) return error;
  if ("code" in error && error.code === "ENOSPC") {
    return new MusterError("disk_full", "The node's own disk is full.", { cause: error });
  }
  if (error.name === "AbortError" || error.name === "TimeoutError") {
    return new MusterError("deadline_exceeded", "The node did not come to the end of it in time.", { cause: error });
  }
  return error;
}
