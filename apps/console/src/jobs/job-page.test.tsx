// @vitest-environment happy-dom
import { cleanup, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { renderWithApi } from "../trpc/render.tsx";
import { exampleJob, exampleStep } from "./example-job.ts";
import { JobPage } from "./job-page.tsx";

vi.mock("next/navigation", () => ({ useRouter: () => ({}) }));
afterEach(cleanup);

test("a job that is being taken back does not say that it waits for its turn", async () => {
  const steps = [exampleStep(0, { state: "done" }), exampleStep(1, { state: "failed" })];
  const job = exampleJob({ state: "undoing", cancelRequested: true, startedAt: "2026-11-22T16:00:01.000Z", steps });
  renderWithApi(<JobPage jobId={job.id} />, { "jobs.get": () => job });
  expect(await screen.findByText("Taking it back")).toBeTruthy();
  expect(screen.getByText("What was done is being taken back.")).toBeTruthy();
  expect(screen.queryByText(/^Waiting for its turn|^It begins as soon/)).toBeNull();
});
