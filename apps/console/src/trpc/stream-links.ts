"use client";
/**
 * How a stream comes back. A connection that breaks off is opened again by the browser's EventSource itself, with the id of
 * the last event; but one that is answered by an error (the console's process says 503 while the server restarts) it gives
 * up for good. So whatever ended is asked for again, from the last event on, until the server is there.
 */
import type { AppRouter } from "@muster/api/root";
import { httpSubscriptionLink, retryLink, type TRPCLink } from "@trpc/client";
import { errorViewOf } from "./error-view.ts";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5_000;

/** An EventSource is not told why: a session that ended shows itself at the next query, which sends to sign in. */
const FINAL_CODES = ["unauthenticated", "forbidden", "not_found", "invalid_input"];

export function streamLinks(url: string): TRPCLink<AppRouter>[] {
  return [
    retryLink({
      retry: ({ error }) => !FINAL_CODES.includes(errorViewOf(error).code),
      retryDelayMs: (attempt) => Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1)),
    }),
    httpSubscriptionLink({ url }),
  ];
}
