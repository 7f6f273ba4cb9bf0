// @vitest-environment happy-dom
import type { NotSetBack } from "@muster/model/vps";
import { cleanup, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { renderWithApi } from "../trpc/render.tsx";
import { NotSetBackNotice } from "./not-set-back-notice.tsx";

afterEach(cleanup);

const change = (id: string, vpsName: string): NotSetBack => ({
  id,
  vpsId: `v-${vpsName}`,
  vpsName,
  dueAt: "2026-11-23T06:00:00.000Z",
  back: { "pids.max": 256 },
  reason: "There is too little.",
});

async function noticeOf(...items: NotSetBack[]) {
  renderWithApi(<NotSetBackNotice />, { "vps.notSetBack": () => ({ items }) });
  return (await screen.findByRole("status")).textContent;
}

test("a fleet names the VPSs that a change was not set back of, and each leads to its limits", async () => {
  expect(await noticeOf(change("t1", "web-1"), change("t2", "mail"))).toBe(
    "2 changes were not set back at their time: web-1, mail",
  );
  expect(screen.getByRole("link", { name: "mail" }).getAttribute("href")).toBe("/vps/v-mail?tab=resources");
});

test("one VPS is named once, however many of its changes were not set back", async () => {
  expect(await noticeOf(change("t1", "web-1"), change("t2", "web-1"))).toMatch(/^2 changes .*: web-1$/);
});

test("one is told as one", async () => {
  expect(await noticeOf(change("t1", "web-1"))).toBe("1 change was not set back at its time: web-1");
});

test("of hundreds some are named and the others counted", async () => {
  const many = Array.from({ length: 500 }, (_, index) => change(`t${index}`, `web-${index}`));
  expect(await noticeOf(...many)).toMatch(/^500 changes were .*: web-0, .*, web-11 and 488 more$/);
  expect(screen.getAllByRole("link")).toHaveLength(12);
});

test("where all was set back, nothing is said", async () => {
  const notSetBack = vi.fn(() => ({ items: [] }));
  renderWithApi(<NotSetBackNotice />, { "vps.notSetBack": notSetBack });
  await vi.waitFor(() => expect(notSetBack).toHaveBeenCalled());
  expect(screen.queryByRole("status")).toBeNull();
});
