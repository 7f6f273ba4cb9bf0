// @vitest-environment happy-dom
import type { Job } from "@muster/model/job";
import { cleanup, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { renderWithApi } from "../trpc/render.tsx";
import { exampleJob } from "./example-job.ts";
import { TaskPanel } from "./task-panel.tsx";

afterEach(cleanup);

const askedSchema = z.object({ active: z.boolean().optional(), states: z.array(z.string()).optional() });
const NONE = { items: [], total: 0, nextCursor: null };

function page(total: number, ...states: Job["state"][]) {
  const items = states.map((state, index) => exampleJob({ id: `j000000000${index}`, state }));
  return { items, total, nextCursor: null };
}

function renderPanel(lists: { recent?: unknown; active?: unknown; stuck?: unknown }) {
  renderWithApi(<TaskPanel />, {
    "jobs.list": (input) => {
      const { active, states } = askedSchema.parse(input);
      if (active) return lists.active ?? NONE;
      return (states === undefined ? lists.recent : lists.stuck) ?? NONE;
    },
  });
}

test("what is under way is counted whole, not among the newest alone", async () => {
  renderPanel({ recent: page(400, "running", "running"), active: page(320, "running") });
  expect(await screen.findByText("320 are under way")).toBeTruthy();
});

test("one under way that is older than all that are shown is named", async () => {
  renderPanel({ recent: page(400, "succeeded"), active: page(1, "running") });
  expect(await screen.findByText("Create VPS web-1: running")).toBeTruthy();
});

test("those that are no longer stuck are not counted as such", async () => {
  renderPanel({ stuck: page(3, "stuck", "running", "stuck") });
  expect(await screen.findByText("2 jobs are stuck and wait for you")).toBeTruthy();
});
