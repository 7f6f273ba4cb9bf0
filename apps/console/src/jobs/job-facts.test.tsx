// @vitest-environment happy-dom
import { cleanup, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { type Answers, renderWithApi } from "../trpc/render.tsx";
import { exampleJob } from "./example-job.ts";
import { JobFacts } from "./job-facts.tsx";

afterEach(cleanup);

const job = exampleJob();
const linked = (name: string) => screen.queryByRole("link", { name }) !== null;
const UNREAD: Answers = {};
const FAILED: Answers = {
  "fleet.tree": () => {
    throw new Error("no tree");
  },
};

test.each([
  ["not read yet", UNREAD],
  ["not to be read", FAILED],
])("while the tree is %s, nothing is said to be gone", async (_, answers) => {
  renderWithApi(<JobFacts job={job} />, answers);
  await new Promise((resolve) => setTimeout(resolve));
  expect(screen.queryByText(/no longer in the fleet/)).toBeNull();
  expect([linked("atlas"), linked("web-1")]).toEqual([true, true]);
});

test("a node and a VPS that are gone have no link", async () => {
  renderWithApi(<JobFacts job={job} />, { "fleet.tree": () => ({ nodes: [] }) });
  expect(await screen.findByText("atlas (no longer in the fleet)")).toBeTruthy();
  expect([linked("atlas"), linked("web-1")]).toEqual([false, false]);
});
