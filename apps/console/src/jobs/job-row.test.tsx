// @vitest-environment happy-dom
import type { AppRouter } from "@muster/api/root";
import type { Job } from "@muster/model/job";
import type { NodeSummary } from "@muster/model/node";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, screen } from "@testing-library/react";
import { createTRPCClient } from "@trpc/client";
import { createTRPCOptionsProxy } from "@trpc/tanstack-react-query";
import { afterEach, expect, test } from "vitest";
import { TRPCProvider } from "../trpc/client.tsx";
import { renderUi } from "../ui/render.tsx";
import { exampleJob } from "./example-job.ts";
import { JobRow } from "./job-row.tsx";

afterEach(cleanup);

const node = (id: string, simulated: boolean): NodeSummary => ({
  id,
  name: id,
  simulated,
  health: "healthy",
  healthReason: null,
  observedAt: null,
  cores: 1,
  memoryBytes: 1,
  memoryAllocatedBytes: 0,
  orphanCount: 0,
  vpsCount: 0,
});
function renderJob(job: Job) {
  const queryClient = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } });
  const trpcClient = createTRPCClient<AppRouter>({ links: [] });
  const { fleet } = createTRPCOptionsProxy<AppRouter>({ client: trpcClient, queryClient });
  const nodes = [node("n0000000001", false), node("n0000000002", true)];
  queryClient.setQueryData(fleet.tree.queryKey(), { nodes: nodes.map((one) => ({ node: one, vps: [], vpsTotal: 0 })) });
  renderUi(
    <QueryClientProvider client={queryClient}>
      <TRPCProvider trpcClient={trpcClient} queryClient={queryClient}>
        <JobRow job={job} />
      </TRPCProvider>
    </QueryClientProvider>,
  );
}

test.each([
  ["n0000000001", 0],
  ["n0000000002", 1],
])("a job on a simulated node is not taken for a real one (%s)", (nodeId, labels) => {
  renderJob(exampleJob({ nodeId }));
  expect(screen.getByRole("button", { name: "Create VPS web-1" })).toBeTruthy();
  expect(screen.queryAllByText("simulated")).toHaveLength(labels);
});

test("a stuck job says what to do without being opened, and can be tried again at once", () => {
  renderJob(
    exampleJob({
      state: "stuck",
      error: { code: "engine_failed", message: "The area stays." },
      advice: "Free the area on the node, then retry.",
    }),
  );
  expect(screen.getByText("Free the area on the node, then retry.", { exact: false })).toBeTruthy();
  expect(screen.getByRole("button", { name: "Retry Create VPS web-1" }).getAttribute("aria-disabled")).toBeNull();
});

test.each([
  [false, null],
  [true, "true"],
])("a running job can be cancelled until its point of no return (past it: %s)", (committed, disabled) => {
  renderJob(exampleJob({ state: "running", committed }));
  expect(screen.getByRole("button", { name: "Cancel Create VPS web-1" }).getAttribute("aria-disabled")).toBe(disabled);
});
