// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { renderUi } from "../ui/render.tsx";
import { type Column, DataTable } from "./data-table.tsx";
import { SimpleTable } from "./simple-table.tsx";

afterEach(cleanup);

const columns: Column<string, "name">[] = [
  { id: "name", header: "Name", sortField: "name", cell: (row) => row },
  { id: "length", header: "Length", cell: (row) => row.length },
];
const thousand = Array.from({ length: 1_000 }, (_, index) => `vps-${index}`);

function renderTable(onSort = vi.fn()) {
  renderUi(
    <DataTable
      label="VPSs"
      columns={columns}
      rows={thousand}
      total={1_000}
      rowKey={(row) => row}
      sort={{ field: "name", direction: "asc" }}
      onSort={onSort}
    />,
  );
  return onSort;
}

test("a thousand rows are a table of a thousand, of which few are in the document", () => {
  renderTable();
  expect(screen.getByRole("table", { name: "VPSs" }).getAttribute("aria-rowcount")).toBe("1001");
  expect(screen.getAllByRole("row").length).toBeLessThan(100);
});

test("a header says how the table is ordered, and turns the order round", () => {
  const onSort = renderTable();
  expect(screen.getByRole("columnheader", { name: "Name" }).getAttribute("aria-sort")).toBe("ascending");
  fireEvent.click(screen.getByRole("button", { name: "Name" }));
  expect(onSort).toHaveBeenCalledWith({ field: "name", direction: "desc" });
});

test("a short list without rows says so", () => {
  renderUi(<SimpleTable label="Disks" head={["Name"]} rows={[]} empty="No disk was found." />);
  expect(screen.queryByRole("table")).toBeNull();
  expect(screen.getByText("No disk was found.")).toBeTruthy();
});
