/**
 * The typed client for scripts: every procedure of the API with its input and output types, over an API key.
 *
 *     const muster = createClient({ url: "http://127.0.0.1:8081", apiKey });
 *     const { items } = await muster.nodes.list.query();
 *
 * Calls of one moment travel as one request; subscriptions are server-sent events that come back by themselves
 * with the last id they saw. Make keys in the console under Account.
 */
import type { AppRouter } from "@muster/api/root";
import {
  createTRPCClient,
  httpBatchStreamLink,
  httpSubscriptionLink,
  splitLink,
  type TRPCClient,
  TRPCClientError,
} from "@trpc/client";
import { EventSource } from "eventsource";

export type MusterClient = TRPCClient<AppRouter>;
export type Job = Awaited<ReturnType<MusterClient["jobs"]["get"]["query"]>>;

export interface ClientOptions {
  /** Where the console or the server answers, such as https://muster.example.org */
  url: string;
  apiKey: string;
}

/** The server takes at most 100. Queries travel as POST too: five hundred ids are too long for many a proxy's URL. */
const BATCH_MAX = 50;

export function createClient({ url, apiKey }: ClientOptions): MusterClient {
  const trpcUrl = new URL("/trpc", url).href;
  const headers = { "x-api-key": apiKey };
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: ({ type }) => type === "subscription",
        true: httpSubscriptionLink({
          url: trpcUrl,
          EventSource,
          eventSourceOptions: {
            fetch: (input, init) => fetch(input, { ...init, headers: { ...init.headers, ...headers } }),
          },
        }),
        false: httpBatchStreamLink({ url: trpcUrl, headers, maxItems: BATCH_MAX, methodOverride: "POST" }),
      }),
    ],
  });
}

export interface Refusal {
  code: string;
  message: string;
  field?: string | undefined;
  /** Give it to the operator: the server's log has the cause under it. */
  requestId: string;
}

/** What the server said was wrong; null when it was not the server that said it (no connection, a wrong URL). */
export function refusalOf(error: unknown): Refusal | null {
  if (!isClientError(error)) return null;
  return error.data?.muster ?? null;
}

function isClientError(error: unknown): error is TRPCClientError<AppRouter> {
  return error instanceof TRPCClientError;
}
