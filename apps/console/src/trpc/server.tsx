/**
 * Calls from the console's own process, with the person's cookie. A page prefetches what its first paint shows; where
 * that fails the browser asks again by itself and shows the failure.
 */
import type { AppRouter } from "@muster/api/root";
import { dehydrate, HydrationBoundary, type QueryClient } from "@tanstack/react-query";
import { createTRPCClient, httpBatchLink } from "@trpc/client";
import { createTRPCOptionsProxy } from "@trpc/tanstack-react-query";
import { headers } from "next/headers";
import type { ReactNode } from "react";
import { originOf, parseEnv } from "../server/env.ts";
import { newQueryClient } from "./query-client.ts";

export async function serverClient() {
  const cookie = (await headers()).get("cookie") ?? "";
  const { serverListen } = parseEnv(process.env);
  return createTRPCClient<AppRouter>({
    links: [httpBatchLink({ url: `${originOf(serverListen)}/trpc`, headers: { cookie } })],
  });
}

function optionsFor(client: Awaited<ReturnType<typeof serverClient>>, queryClient: QueryClient) {
  return createTRPCOptionsProxy<AppRouter>({ client, queryClient });
}

type Options = ReturnType<typeof optionsFor>;

/** Runs `load` where a whole document is asked for; a click inside the console is served from the browser's own cache. */
export async function Prefetched(props: {
  load: (trpc: Options, cache: QueryClient) => Promise<unknown>[];
  children: ReactNode;
}) {
  const wholeDocument = (await headers()).get("sec-fetch-dest") === "document";
  if (!wholeDocument) return props.children;
  const cache = newQueryClient();
  await Promise.all(props.load(optionsFor(await serverClient(), cache), cache));
  return <HydrationBoundary state={dehydrate(cache)}>{props.children}</HydrationBoundary>;
}
