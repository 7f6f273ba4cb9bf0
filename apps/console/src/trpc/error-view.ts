/** What a failed call says to a person: the API's own code and sentence, or that nobody answered. */
import { ERROR_RULES, type ErrorView, errorViewSchema } from "@muster/model/errors";
import { TRPCClientError } from "@trpc/client";
import { z } from "zod";

const dataSchema = z.object({ muster: errorViewSchema });

/** What the API itself answered; null where no answer of it came. */
export function answeredError(error: unknown): ErrorView | null {
  if (!(error instanceof TRPCClientError)) return null;
  const parsed = dataSchema.safeParse(error.data);
  return parsed.success ? parsed.data.muster : null;
}

export function errorViewOf(error: unknown): ErrorView {
  const silent = "The Muster server does not answer. VPSs keep running meanwhile.";
  return answeredError(error) ?? { code: "internal", message: silent };
}

/** The sentence that says what to do about it. */
export function adviceFor(error: ErrorView): string {
  return ERROR_RULES[error.code].user;
}

export function isRetryable(error: unknown): boolean {
  return ERROR_RULES[errorViewOf(error).code].retryable;
}
