// @vitest-environment happy-dom
import { GIB } from "@muster/model/units";
import type { NotSetBack } from "@muster/model/vps";
import { cleanup, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { renderWithApi } from "../trpc/render.tsx";
import { VpsNotSetBackNotice } from "./not-set-back-notice.tsx";

afterEach(cleanup);

const change: NotSetBack = {
  id: "t0000000001",
  vpsId: "v0000000001",
  vpsName: "web",
  dueAt: "2026-11-23T06:00:00.000Z",
  back: { "memory.max": 2 * GIB, "nic.egress": null },
  reason: "There is 1 GiB of memory left of 3.8 GiB.",
};

test("what was not set back is named with its time, its values and the reason, and leads to the limits", async () => {
  const notSetBack = vi.fn(() => ({ items: [change] }));
  renderWithApi(<VpsNotSetBackNotice vpsId={change.vpsId} />, { "vps.notSetBack": notSetBack });
  const notice = await screen.findByRole("status");
  expect(notice.textContent).toMatch(
    /^Not set back on Monday.* 23 November at .*: Memory to 2 GiB, Outgoing bandwidth to no limit\. There is 1 GiB/,
  );
  expect(screen.getByRole("link", { name: "Resources" }).getAttribute("href")).toBe("/vps/v0000000001?tab=resources");
  expect(notSetBack).toHaveBeenCalledWith({ vpsId: change.vpsId });
});

test("nothing is said of a VPS that has all its limits", async () => {
  const notSetBack = vi.fn(() => ({ items: [] }));
  renderWithApi(<VpsNotSetBackNotice vpsId={change.vpsId} />, { "vps.notSetBack": notSetBack });
  await vi.waitFor(() => expect(notSetBack).toHaveBeenCalled());
  expect(screen.queryByRole("status")).toBeNull();
});
