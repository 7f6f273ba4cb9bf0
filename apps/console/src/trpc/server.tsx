/**
 * Calls from the console's own process, with the person's cookie. A page prefetches what its first paint shows; where
 * that fails the browser asks again by itself and shows the failure.
 */
import type { AppRouter } from "@muster/api/root";
import { type DehydratedState, dehydrate, HydrationBoundary, type QueryClient } from "@tanstack/react-query";
import { createTRPCClient, httpBatchLink } from "@trpc/client";
import { createTRPCOptionsProxy } from "@trpc/tanstack-react-query";
import { headers } from "next/headers";
import { cache, type ReactNode } from "react";
import { originOf, parseEnv } from "../server/env.ts";
import { newQueryClient } from "./query-client.ts";

/** One per request, so that what a page asks for at once travels as one batch. */
export const serverClient = cache(async () => {
  const cookie = (await headers()).get("cookie") ?? "";
  const { serverListen } = parseEnv(process.env);
  return createTRPCClient<AppRouter>({
    links: [httpBatchLink({ url: `${originOf(serverListen)}/trpc`, headers: { cookie } })],
  });
});

function optionsFor(client: Awaited<ReturnType<typeof serverClient>>, queryClient: QueryClient) {
  return createTRPCOptionsProxy<AppRouter>({ client, queryClient });
}

type Options = ReturnType<typeof optionsFor>;

type Load = (trpc: Options, cache: QueryClient) => Promise<unknown>[];

/** Runs `load` where a whole document is asked for; a click inside the console is served from the browser's own cache. */
export async function prefetched(load: Load): Promise<DehydratedState | null> {
  const wholeDocument = (await headers()).get("sec-fetch-dest") === "document";
  if (!wholeDocument) return null;
  const queries = newQueryClient();
  await Promise.all(load(optionsFor(await serverClient(), queries), queries));
  return dehydrate(queries);
}

export async function Prefetched({ load, children }: { load: Load; children: ReactNode }) {
  return <HydrationBoundary state={await prefetched(load)}>{children}</HydrationBoundary>;
}
