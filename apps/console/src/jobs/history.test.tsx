// @vitest-environment happy-dom
import { act, cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { renderWithApi } from "../trpc/render.tsx";
import { JobHistory } from "./history.tsx";

vi.mock("next/navigation", () => ({ useSearchParams: () => new URLSearchParams(window.location.search) }));
afterEach(() => {
  vi.useRealTimers();
  window.history.replaceState(null, "", "/jobs");
  cleanup();
});

const askedSchema = z.object({ from: z.string() });

test("the last hour stays the same question while it is read", async () => {
  vi.useFakeTimers();
  window.history.replaceState(null, "", "/jobs?last=1h");
  const asked: string[] = [];
  renderWithApi(<JobHistory />, {
    "jobs.list": (input) => {
      asked.push(askedSchema.parse(input).from);
      return { items: [], total: 0, nextCursor: null };
    },
  });
  await act(() => vi.advanceTimersByTimeAsync(150_000));
  expect(asked.length).toBeGreaterThan(1);
  expect(new Set(asked).size).toBe(1);
});

test("clearing the filters empties the search field, and what was being typed does not come back", async () => {
  vi.useFakeTimers();
  window.history.replaceState(null, "", "/jobs?name=nobody");
  renderWithApi(<JobHistory />, { "jobs.list": () => ({ items: [], total: 0, nextCursor: null }) });
  await act(() => vi.advanceTimersByTimeAsync(100));
  const field = screen.getByRole<HTMLInputElement>("searchbox");
  fireEvent.change(field, { target: { value: "nobody-has-this" } });
  fireEvent.click(screen.getByRole("button", { name: "Clear the filters" }));
  await act(() => vi.advanceTimersByTimeAsync(1_000));
  expect(field.value).toBe("");
  expect(window.location.search).toBe("");
});
