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

/** What stands beside a name; null when it does not stand there. */
const factOf = (name: string) => screen.queryByText(name, { selector: "dt" })?.nextElementSibling?.textContent ?? null;

test("it says who cancelled the job, and who set it going again", () => {
  const resumed = { resumedBy: "alan@example.org", resumedAt: "2026-11-22T16:30:00.000Z" };
  renderWithApi(<JobFacts job={exampleJob({ cancelledBy: "grace@example.org", ...resumed })} />, UNREAD);
  expect(factOf("Asked for by")).toBe("ada@example.org");
  expect(factOf("Cancelled by")).toBe("grace@example.org");
  expect(factOf("Set going again by")).toBe("alan@example.org");
  expect(factOf("Set going again")).not.toBeNull();
});

test("nobody is said to have cancelled a job, or set it going again, where nobody did", () => {
  renderWithApi(<JobFacts job={job} />, UNREAD);
  expect(factOf("Asked for by")).toBe("ada@example.org");
  expect([factOf("Cancelled by"), factOf("Set going again by"), factOf("Set going again")]).toEqual([null, null, null]);
});

test("a node and a VPS that are gone have no link", async () => {
  renderWithApi(<JobFacts job={job} />, { "fleet.tree": () => ({ nodes: [] }) });
  expect(await screen.findByText("atlas (no longer in the fleet)")).toBeTruthy();
  expect([linked("atlas"), linked("web-1")]).toEqual([false, false]);
});
