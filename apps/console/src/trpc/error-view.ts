/** What a failed call says to a person: the API's own code and sentence, or that nobody answered. */
import { ERROR_RULES, type ErrorView, errorViewSchema } from "@muster/model/errors";
import { TRPCClientError } from "@trpc/client";
import { z } from "zod";

const dataSchema = z.object({ muster: errorViewSchema });

export function errorViewOf(error: unknown): ErrorView {
  if (error instanceof TRPCClientError) {
    const parsed = dataSchema.safeParse(error.data);
    if (parsed.success) return parsed.data.muster;
  }
  return { code: "internal", message: "The Muster server does not answer. VPSs keep running meanwhile." };
}

/** The sentence that says what to do about it. */
export function adviceFor(error: ErrorView): string {
  return ERROR_RULES[error.code].user;
}

export function isRetryable(error: unknown): boolean {
  return ERROR_RULES[errorViewOf(error).code].retryable;
}
