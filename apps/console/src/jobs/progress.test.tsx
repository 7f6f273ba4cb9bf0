// @vitest-environment happy-dom
import type { Progress } from "@muster/model/job";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { exampleJob, exampleStep } from "./example-job.ts";
import { PhaseBar, progressText, Span } from "./progress.tsx";

afterEach(cleanup);

const GIB = 1024 ** 3;
const running = (progress: Progress | null) =>
  exampleJob({ state: "running", steps: [exampleStep(0, { state: "running" })], progress });
const copied = (done: number, phase = "Copy files"): Progress => ({ phase, done, total: 4 * GIB, unit: "bytes" });
const barValue = () => Number(screen.getByRole("progressbar").getAttribute("value"));

test("progress is told in real units, and what has no known end is not given one", () => {
  expect(progressText(copied(GIB))).toBe("Copy files: 1 GiB of 4 GiB");
  expect(progressText({ phase: "Unpack", done: 1340, total: null, unit: "files" })).toBe("Unpack: 1,340 files so far");
});

test("a bar never moves backwards: a change that comes late is not drawn", () => {
  const { rerender } = render(<PhaseBar job={running(copied(2 * GIB))} />);
  expect(barValue()).toBe(0.5);
  rerender(<PhaseBar job={running(copied(GIB))} />);
  expect(barValue()).toBe(0.5);
  rerender(<PhaseBar job={running(copied(3 * GIB))} />);
  expect(barValue()).toBe(0.75);
});

test("a phase that follows another has a bar of its own", () => {
  const { rerender } = render(<PhaseBar job={running(copied(4 * GIB))} />);
  rerender(<PhaseBar job={running(copied(GIB, "Verify"))} />);
  expect(barValue()).toBe(0.25);
});

test("where nothing is counted there is no bar, only how long it has been running", () => {
  render(<PhaseBar job={running(null)} />);
  expect(screen.queryByRole("progressbar")).toBeNull();
  const startedAt = new Date(Date.now() - 15_000).toISOString();
  const { container } = render(<Span job={{ ...running(null), startedAt }} />);
  // The page's clock moves once a second, on a busy machine less often.
  expect(container.textContent).toMatch(/^running for 1\d s$/);
});
