// @vitest-environment happy-dom
import type { AppRouter } from "@muster/api/root";
import { QueryClient, QueryClientProvider, type QueryKey } from "@tanstack/react-query";
import { act, cleanup } from "@testing-library/react";
import { createTRPCClient, type TRPCLink } from "@trpc/client";
import { observable } from "@trpc/server/observable";
import { createTRPCOptionsProxy } from "@trpc/tanstack-react-query";
import { afterEach, expect, test, vi } from "vitest";
import { exampleJob } from "../jobs/example-job.ts";
import { renderUi } from "../ui/render.tsx";
import { TRPCProvider } from "./client.tsx";
import { LiveUpdates } from "./live.tsx";

vi.mock("../shell/attended.ts", () => ({ useAttended: () => true }));
afterEach(() => {
  vi.useRealTimers();
  cleanup();
});

interface Stream {
  start: () => void;
  send: (data: unknown) => void;
}

/** The two streams by path, to be started and fed by hand, and a cache that holds what the server rendered. */
function renderLive() {
  vi.useFakeTimers();
  const streams = new Map<string, Stream>();
  const link: TRPCLink<AppRouter> =
    () =>
    ({ op }) =>
      observable((observer) => {
        streams.set(op.path, {
          start: () => observer.next({ result: { type: "started" } }),
          send: (data) => observer.next({ result: { type: "data", data } }),
        });
      });
  const cache = new QueryClient();
  const trpcClient = createTRPCClient<AppRouter>({ links: [link] });
  const trpc = createTRPCOptionsProxy<AppRouter>({ client: trpcClient, queryClient: cache });
  renderUi(
    <QueryClientProvider client={cache}>
      <TRPCProvider trpcClient={trpcClient} queryClient={cache}>
        <LiveUpdates />
      </TRPCProvider>
    </QueryClientProvider>,
  );
  const stream = (path: string): Stream => {
    const found = streams.get(path);
    if (found === undefined) throw new Error(`${path} is not subscribed to`);
    return found;
  };
  return { cache, trpc, stream };
}

test("what changed between the server's render and the first start of the streams is read", () => {
  const { cache, trpc, stream } = renderLive();
  const job: QueryKey = trpc.jobs.get.queryKey({ jobId: "j0000000001" });
  const tree: QueryKey = trpc.fleet.tree.queryKey();
  cache.setQueryData(job, exampleJob());
  cache.setQueryData(tree, { nodes: [] });
  act(() => {
    stream("jobs.watch").start();
    stream("fleet.watch").start();
    vi.advanceTimersByTime(1_000);
  });
  expect(cache.getQueryState(job)?.isInvalidated).toBe(true);
  expect(cache.getQueryState(tree)?.isInvalidated).toBe(true);
});

test("an answer that comes late does not overwrite a newer event", async () => {
  const { cache, trpc, stream } = renderLive();
  const job: QueryKey = trpc.jobs.get.queryKey({ jobId: "j0000000001" });
  const queryFn = async () => {
    await new Promise((resolve) => setTimeout(resolve, 500));
    return exampleJob({ state: "queued" });
  };
  void cache.prefetchQuery({ queryKey: job, queryFn });
  await act(async () => {
    stream("jobs.watch").start();
    stream("jobs.watch").send({ id: "1", data: exampleJob({ state: "running" }) });
    await vi.advanceTimersByTimeAsync(1_000);
  });
  expect(cache.getQueryData(job)).toMatchObject({ state: "running" });
});
