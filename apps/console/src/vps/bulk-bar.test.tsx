// @vitest-environment happy-dom
import { MusterError } from "@muster/model/errors";
import { cleanup, fireEvent, screen, within } from "@testing-library/react";
import { TRPCClientError } from "@trpc/client";
import { afterEach, expect, test, vi } from "vitest";
import { renderWithApi } from "../trpc/render.tsx";
import { BulkBar } from "./bulk-bar.tsx";
import { exampleVps } from "./example-vps.ts";

afterEach(cleanup);

/** Dialogs are loaded when they are asked for. */
const patiently = [{}, { timeout: 10_000 }] as const;

const running = exampleVps();
const stopped = exampleVps({ id: "v0000000002", state: "stopped", spec: { ...running.spec, name: "mail" } });

test("what none of them can is out of reach; what one can is asked of all, with its result for each", async () => {
  const bulk = vi.fn(() => ({
    results: [
      { vpsId: running.id, error: { code: "state_conflict", message: "It is running." } },
      { vpsId: stopped.id, jobId: "j0000000001" },
    ],
  }));
  renderWithApi(<BulkBar several={[running, stopped]} onClear={() => {}} everything={null} />, { "vps.bulk": bulk });
  expect(screen.getByText("2 VPSs selected")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Start" }));
  expect(await screen.findByText("1 under way, 1 refused", ...patiently)).toBeTruthy();
  expect(bulk).toHaveBeenCalledExactlyOnceWith({ vpsIds: [running.id, stopped.id], action: { type: "start" } });
});

test("an answer that was lost is told as not known for each, and never as refused", async () => {
  const bulk = () => {
    throw TRPCClientError.from(new TypeError("fetch failed"));
  };
  renderWithApi(<BulkBar several={[running, stopped]} onClear={() => {}} everything={null} />, { "vps.bulk": bulk });
  fireEvent.click(screen.getByRole("button", { name: "Start" }));
  expect((await screen.findByRole("status", { name: "Results" }, patiently[1])).textContent).toBe("2 unknown");
  expect(screen.queryByText(/refused/)).toBeNull();
});

test("what the server itself refuses as a whole is refused for each", async () => {
  const bulk = () => {
    throw new MusterError("forbidden", "You may not.");
  };
  renderWithApi(<BulkBar several={[running, stopped]} onClear={() => {}} everything={null} />, { "vps.bulk": bulk });
  fireEvent.click(screen.getByRole("button", { name: "Start" }));
  expect(await screen.findByText("2 refused", ...patiently)).toBeTruthy();
});

test("deleting many asks for their number", async () => {
  const bulk = vi.fn(() => ({ results: [] }));
  renderWithApi(<BulkBar several={[running, stopped]} onClear={() => {}} everything={null} />, { "vps.bulk": bulk });
  fireEvent.click(screen.getByRole("button", { name: "Delete" }));
  await screen.findByText("Delete 2 VPSs?", ...patiently);
  const dialog = screen.getByRole("dialog", { name: "Delete 2 VPSs?" });
  const confirm = within(dialog).getByRole("button", { name: "Delete 2 VPSs" });
  fireEvent.click(confirm);
  expect(bulk).not.toHaveBeenCalled();
  fireEvent.change(within(dialog).getByLabelText("Type 2 to confirm"), { target: { value: "2" } });
  fireEvent.click(confirm);
  await vi.waitFor(() => expect(bulk).toHaveBeenCalledOnce(), { timeout: 10_000 });
});

test("nothing chosen shows no bar; nothing startable says why", async () => {
  const { unmount } = renderWithApi(<BulkBar several={[]} onClear={() => {}} everything={null} />, {});
  expect(screen.queryByRole("region", { name: "Selected VPSs" })).toBeNull();
  unmount();
  renderWithApi(<BulkBar several={[running]} onClear={() => {}} everything={null} />, {});
  expect(screen.getByRole("button", { name: "Start" }).getAttribute("aria-disabled")).toBe("true");
});
