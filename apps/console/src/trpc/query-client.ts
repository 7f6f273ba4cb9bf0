import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { paths } from "../paths.ts";
import { errorViewOf, isRetryable } from "./error-view.ts";

const FRESH_MS = 20_000;

/** A session that ended sends the person to sign in, and back to where they were afterwards. */
function signInAgain(error: unknown) {
  if (typeof window === "undefined" || errorViewOf(error).code !== "unauthenticated") return;
  const next = window.location.pathname + window.location.search;
  if (!next.startsWith(paths.signIn())) window.location.assign(paths.signIn({ next }));
}

export function newQueryClient(): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({ onError: signInAgain }),
    mutationCache: new MutationCache({ onError: signInAgain }),
    defaultOptions: {
      queries: {
        staleTime: FRESH_MS,
        // The console's own process does not wait: the browser asks again.
        retry: (failures, error) => typeof window !== "undefined" && failures < 2 && isRetryable(error),
        networkMode: "always",
      },
      mutations: { networkMode: "always" },
    },
  });
}
