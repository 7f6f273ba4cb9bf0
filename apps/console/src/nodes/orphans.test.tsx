// @vitest-environment happy-dom
import type { AppRouter } from "@muster/api/root";
import { limitsWith } from "@muster/model/limits/registry";
import type { Orphan } from "@muster/model/node";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { createTRPCClient, TRPCClientError, type TRPCLink } from "@trpc/client";
import { observable } from "@trpc/server/observable";
import { createTRPCOptionsProxy } from "@trpc/tanstack-react-query";
import { afterEach, expect, test } from "vitest";
import { exampleJob } from "../jobs/example-job.ts";
import { TRPCProvider } from "../trpc/client.tsx";
import { renderUi } from "../ui/render.tsx";
import { Orphans } from "./orphans.tsx";

afterEach(cleanup);

const orphan = (name: string, nodeId: string): Orphan => ({
  nodeId,
  nodeName: `node ${nodeId}`,
  vpsId: `v-${name}`,
  spec: { name, template: "busybox", address: "10.80.0.10", limits: limitsWith() },
  state: "running",
  epoch: 1,
  foundAt: "2026-11-22T16:00:00.000Z",
  observedAt: "2026-11-22T16:00:00.000Z",
  adoptRefusal: null,
});

/** To questions, by their path. */
type Answers = Readonly<Record<string, unknown>>;

/** A server that adopts what it is asked to, but for what is called "taken". */
function server(answers: Answers, asked: unknown[]): TRPCLink<AppRouter> {
  return () =>
    ({ op }) =>
      observable((observer) => {
        if (op.type === "mutation") asked.push(op.input);
        if (JSON.stringify(op.input)?.includes("v-taken")) {
          return void observer.error(new TRPCClientError("The name is taken."));
        }
        observer.next({ result: { data: op.type === "mutation" ? { jobId: "j0000000001" } : answers[op.path] } });
        observer.complete();
      });
}

function renderOrphans(orphans: readonly Orphan[], nodeId?: string, job = exampleJob({ state: "running" })) {
  const asked: unknown[] = [];
  const queryClient = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } });
  const trpcClient = createTRPCClient<AppRouter>({
    links: [server({ "nodes.orphans": { items: orphans }, "jobs.get": job }, asked)],
  });
  const { nodes } = createTRPCOptionsProxy<AppRouter>({ client: trpcClient, queryClient });
  queryClient.setQueryData(nodes.orphans.queryKey(), { items: [...orphans] });
  renderUi(
    <QueryClientProvider client={queryClient}>
      <TRPCProvider trpcClient={trpcClient} queryClient={queryClient}>
        <Orphans {...(nodeId === undefined ? {} : { nodeId })} />
      </TRPCProvider>
    </QueryClientProvider>,
  );
  return asked;
}

test("a page about one node shows what is on that node", () => {
  renderOrphans([orphan("here", "n0000000001"), orphan("there", "n0000000002")], "n0000000001");
  expect(screen.getByRole("heading", { name: "1 VPS is in no inventory" })).toBeTruthy();
  expect(screen.getByText("here")).toBeTruthy();
  expect(screen.queryByText("there")).toBeNull();
});

test("where there is nothing, nothing is said", () => {
  renderOrphans([]);
  expect(screen.queryByRole("heading")).toBeNull();
});

test("an old copy of what runs elsewhere is never taken in, and says so", () => {
  renderOrphans([{ ...orphan("old", "n0000000001"), adoptRefusal: "It is an old copy." }]);
  expect(screen.getByText("It is an old copy.")).toBeTruthy();
  expect(screen.getByRole("button", { name: "Adopt old" }).getAttribute("aria-disabled")).toBe("true");
  expect(screen.getByRole("button", { name: "Adopt it" }).getAttribute("aria-disabled")).toBe("true");
});

test("all are asked for, and one that is refused says why and keeps no other out", async () => {
  const asked = renderOrphans([orphan("taken", "n0000000001"), orphan("free", "n0000000001")]);
  fireEvent.click(screen.getByRole("button", { name: "Adopt all" }));
  expect(await screen.findByRole("link", { name: "being adopted" })).toBeTruthy();
  expect(screen.getByRole("button", { name: "Adopt taken" })).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Adopt free" })).toBeNull();
  expect(asked).toEqual([
    { nodeId: "n0000000001", vpsId: "v-taken" },
    { nodeId: "n0000000001", vpsId: "v-free" },
  ]);
});

test("one whose job failed is no longer being adopted: it says why, and can be asked for again", async () => {
  const error = { code: "node_unreachable", message: "The node did not answer." } as const;
  renderOrphans([orphan("lost", "n0000000001")], undefined, exampleJob({ state: "failed", error }));
  fireEvent.click(screen.getByRole("button", { name: "Adopt lost" }));
  expect(await screen.findByText("The node did not answer.")).toBeTruthy();
  expect(screen.queryByRole("link", { name: "being adopted" })).toBeNull();
  expect(screen.getByRole("button", { name: "Adopt it" }).getAttribute("aria-disabled")).not.toBe("true");
});

test("the state of one that was not seen lately is unknown, with the age of what is known", () => {
  renderOrphans([
    { ...orphan("seen", "n0000000001"), observedAt: new Date().toISOString() },
    { ...orphan("silent", "n0000000002"), observedAt: "2026-01-01T00:00:00.000Z" },
  ]);
  expect(screen.getAllByText("running")).toHaveLength(1);
  expect(screen.getByText("unknown")).toBeTruthy();
  expect(screen.getByText(/^last heard/)).toBeTruthy();
});
