// @vitest-environment happy-dom
import { act, cleanup } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { renderUi } from "../ui/render.tsx";
import { AsHeard } from "./as-heard.tsx";
import { showConnection } from "./connection.ts";

afterEach(() => {
  vi.useRealTimers();
  showConnection("live");
  cleanup();
});

test("what was green is grey once the server has not been heard for some seconds, and green again when it is", () => {
  vi.useFakeTimers();
  const { container } = renderUi(<AsHeard>running</AsHeard>);
  const grey = () => container.querySelector("[data-stale]")?.textContent;
  act(() => {
    showConnection("lost");
    vi.advanceTimersByTime(3_000);
  });
  expect(grey()).toBeUndefined();
  act(() => void vi.advanceTimersByTime(2_000));
  expect(grey()).toBe("running");
  act(() => showConnection("live"));
  expect(grey()).toBeUndefined();
});
