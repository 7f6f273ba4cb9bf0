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

  async function recorded<T>(key: string, work: () => Promise<Done<T>>): Promise<T> {
    const { answer, changes = [], undo } = await work();
    const value = answer ?? null;
    try {
      await book.write([...changes, { type: "answer", key, answer: { atMs: nowMs(), value } }]);
    } catch (cause) {
      throw afterRollBack(withCode(cause), undo === undefined ? [] : await failuresOf(undo()));
    }
    return answer;
  }

  const once: Keyed["once"] = async (call, work) => {
    const key = `${call.name} ${call.key}`;
    const known = book.answer(key);
    if (known !== undefined) return call.schema.parse(known.value);
    const joined = underWay.get(key);
    if (joined !== undefined) {
      const joint = await joined.then((answer) => ({ answer }), leftBehind);
      return joint === null ? await once(call, work) : call.schema.parse(joint.answer);
    }
    const run = recorded(key, work)
      .catch((error: unknown) => {
        throw withCode(error);
      })
      .finally(() => underWay.delete(key));
    underWay.set(key, run);
    return await run;
  };
  return { once };
}

/** Null: whoever began the work gave it up, which is not for those who joined him to answer for; they do it themselves. */
function leftBehind(error: unknown): null {
  if (error instanceof MusterError && error.code === "deadline_exceeded") return null;
  throw error;
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
