/**
 * How a failure crosses from agent to server: its code, its safe sentence, its field, and the engine's own words.
 * The words travel because both ends of this wire are trusted; the server puts them into the job's step and its
 * log, never into an answer to a browser.
 */
import { errorView, errorViewSchema, MusterError } from "@muster/model/errors";
import type { TRPCError } from "@trpc/server";
import { z } from "zod";

const WORDS_MAX = 4000;

export const failureOnWireSchema = errorViewSchema.extend({ words: z.string().nullable() });
export type FailureOnWire = z.infer<typeof failureOnWireSchema>;

/** The messages of an error's causes, outermost first. */
export function wordsOf(error: unknown): string | null {
  const words: string[] = [];
  let cause = error instanceof MusterError ? error.cause : error;
  while (cause instanceof Error && words.length < 8) {
    words.push(cause.message);
    cause = cause.cause;
  }
  if (typeof cause === "string") words.push(cause);
  return words.length === 0 ? null : words.join(": ").slice(0, WORDS_MAX);
}

/** tRPC's codes for a question that never reached the agent's own code. */
const UNFIT = { BAD_REQUEST: true, PARSE_ERROR: true, PAYLOAD_TOO_LARGE: true, METHOD_NOT_SUPPORTED: true } as const;

export function failureOnWire(error: TRPCError): FailureOnWire {
  if (!Object.hasOwn(UNFIT, error.code)) return { ...errorView(error.cause), words: wordsOf(error.cause) };
  if (error.cause instanceof z.ZodError) return { ...inputFailure(error.cause), words: null };
  return { code: "invalid_input", message: "The request does not fit the protocol.", words: error.message };
}

function inputFailure(error: z.ZodError): Omit<FailureOnWire, "words"> {
  const [first] = error.issues;
  const field = first?.path.join(".") ?? "";
  const message =
    first === undefined ? "The input does not fit." : `${field === "" ? "The input" : field} ${first.message}.`;
  return { code: "invalid_input", message, ...(field === "" ? {} : { field }) };
}

/** Rebuilt on the server's side. The stack is the server's own, the cause is what the agent said. */
export function failureFromWire(failure: FailureOnWire): MusterError {
  return new MusterError(failure.code, failure.message, {
    ...(failure.words === null ? {} : { cause: new Error(failure.words) }),
    ...(failure.field === undefined ? {} : { field: failure.field }),
  });
}
