// @vitest-environment happy-dom
import { limitsWith } from "@muster/model/limits/registry";
import type { AllocationChange } from "@muster/model/vps";
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { renderWithApi } from "../trpc/render.tsx";
import { exampleVps } from "./example-vps.ts";
import { SetBackDialog } from "./set-back-dialog.tsx";

afterEach(cleanup);

test("what the preview refuses cannot be pressed, and of a stopped VPS it is not said that it runs", async () => {
  const vps = exampleVps({ state: "stopped" });
  const change: AllocationChange = {
    id: "a0000000001",
    at: "2026-11-22T16:00:00.000Z",
    actor: "ada@example.org",
    limit: "cpu.cores",
    from: 8,
    to: limitsWith()["cpu.cores"],
    until: null,
    jobId: null,
  };
  const setLimits = vi.fn(() => ({ jobId: "j0000000001" }));
  renderWithApi(<SetBackDialog vps={vps} change={change} onClose={() => {}} onStarted={() => {}} />, {
    "vps.setLimits": setLimits,
    "vps.previewLimits": () => ({
      nodes: [],
      vps: [{ vpsId: vps.id, name: "web", refusal: { code: "overcommitted", message: "2 cores are left." } }],
    }),
  });
  expect(await screen.findByText(/^2 cores are left/)).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Set back" }));
  expect(setLimits).not.toHaveBeenCalled();
  expect(screen.getByText(/while it stays stopped/)).toBeTruthy();
  expect(screen.queryByText(/goes on running/)).toBeNull();
});
