import { HydrationBoundary } from "@tanstack/react-query";
import { redirect } from "next/navigation";
import type { ReactNode } from "react";
import { RECENT_JOBS, STUCK_JOBS } from "../../jobs/queries.ts";
import { paths } from "../../paths.ts";
import { ServerAway } from "../../shell/server-away.tsx";
import { Shell } from "../../shell/shell.tsx";
import { errorViewOf } from "../../trpc/error-view.ts";
import { prefetched, serverClient } from "../../trpc/server.tsx";

/** Who is asking, or why nobody can know. Rights are asked again by every call; this only spares an empty page. */
async function callerName(): Promise<{ name: string } | { away: string }> {
  const client = await serverClient();
  try {
    return { name: (await client.session.me.query()).name };
  } catch (error) {
    const view = errorViewOf(error);
    if (view.code !== "unauthenticated") return { away: view.message };
  }
  const { needed } = await client.setup.status.query();
  redirect(needed ? paths.setup() : paths.signIn());
}

export default async function SignedInLayout({ children }: { children: ReactNode }) {
  const [caller, state] = await Promise.all([
    callerName(),
    prefetched((trpc, cache) => [
      cache.prefetchQuery(trpc.fleet.tree.queryOptions()),
      cache.prefetchQuery(trpc.jobs.list.queryOptions(RECENT_JOBS)),
      cache.prefetchQuery(trpc.jobs.list.queryOptions(STUCK_JOBS)),
    ]),
  ]);
  if ("away" in caller) return <ServerAway reason={caller.away} />;
  return (
    <HydrationBoundary state={state}>
      <Shell userName={caller.name}>{children}</Shell>
    </HydrationBoundary>
  );
}
