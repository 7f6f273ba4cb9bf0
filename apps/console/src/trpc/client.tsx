"use client";
import "./zod-without-eval.ts";
import type { AppRouter } from "@muster/api/root";
import { QueryClientProvider } from "@tanstack/react-query";
import { createTRPCClient, httpBatchLink, splitLink } from "@trpc/client";
import { createTRPCContext } from "@trpc/tanstack-react-query";
import { type ReactNode, useState } from "react";
import { newQueryClient } from "./query-client.ts";
import { streamLinks } from "./stream-links.ts";

export const { TRPCProvider, useTRPC, useTRPCClient } = createTRPCContext<AppRouter>();

const URL_OF_API = "/trpc";
/** Questions that name up to 500 VPSs, which no address holds. */
const ASKED_BY_POST: ReadonlySet<string> = new Set(["vps.previewLimits"]);

function newClient() {
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (operation) => operation.type === "subscription",
        true: streamLinks(URL_OF_API),
        false: splitLink({
          condition: (operation) => ASKED_BY_POST.has(operation.path),
          true: httpBatchLink({ url: URL_OF_API, methodOverride: "POST" }),
          false: httpBatchLink({ url: URL_OF_API, maxURLLength: 4_000 }),
        }),
      }),
    ],
  });
}

export function ApiProvider({ children }: { children: ReactNode }) {
  const [queryClient] = useState(newQueryClient);
  const [trpcClient] = useState(newClient);
  return (
    <QueryClientProvider client={queryClient}>
      <TRPCProvider trpcClient={trpcClient} queryClient={queryClient}>
        {children}
      </TRPCProvider>
    </QueryClientProvider>
  );
}
