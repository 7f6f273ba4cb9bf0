// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { renderWithApi } from "../trpc/render.tsx";
import { exampleVps } from "./example-vps.ts";
import type { ListState } from "./list-state.ts";
import { VpsTable } from "./table.tsx";

vi.mock("next/navigation", () => ({ useRouter: () => ({ push: () => {} }) }));
afterEach(cleanup);

const list: ListState = {
  search: "",
  sort: { field: "name", direction: "asc" },
  setSearch: () => {},
  setSort: () => {},
};
const patiently = [{}, { timeout: 10_000 }] as const;

test("the results of deleting all of them stay when the list is empty", async () => {
  const items = [exampleVps()];
  renderWithApi(<VpsTable list={list} />, {
    "vps.list": () => ({ items: [...items], total: items.length, nextCursor: null }),
    "vps.bulk": () => {
      items.pop();
      return { results: [{ vpsId: "v0000000001", jobId: "j0000000001" }] };
    },
  });
  fireEvent.click(await screen.findByLabelText("Select all shown", ...patiently));
  fireEvent.click(screen.getByText("Delete"));
  fireEvent.change(await screen.findByLabelText("Type 1 to confirm", ...patiently), {
    target: { value: "1" },
  });
  fireEvent.click(screen.getByText("Delete 1 VPS"));
  expect(await screen.findByText("No VPS yet", ...patiently)).toBeTruthy();
  expect(await screen.findByText("1 under way", ...patiently)).toBeTruthy();
});
