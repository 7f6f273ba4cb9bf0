// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { useState } from "react";
import { afterEach, expect, test, vi } from "vitest";
import { renderUi } from "../ui/render.tsx";
import { SelectAllCell, SelectCell } from "./select-cells.tsx";
import { NOTHING_SELECTED } from "./selection.ts";

afterEach(cleanup);

const shown = ["web", "mail", "shop", "wiki"];

function Rows({ onSelect }: { onSelect: (keys: string[]) => void }) {
  const [selection, setSelection] = useState(NOTHING_SELECTED);
  const selecting = {
    selection,
    labelOf: (row: string) => `Select ${row}`,
    onSelect: (next: typeof selection) => {
      setSelection(next);
      onSelect([...next.keys]);
    },
  };
  return (
    <table>
      <thead>
        <tr>
          <SelectAllCell selecting={selecting} shown={shown} />
        </tr>
      </thead>
      <tbody>
        {shown.map((row) => (
          <tr key={row}>
            <SelectCell selecting={selecting} shown={shown} row={row} rowKey={row} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const box = (name: string) => screen.getByRole("checkbox", { name });

test("rows are chosen one by one, by shift as a range, and all that are shown at once", () => {
  const onSelect = vi.fn();
  renderUi(<Rows onSelect={onSelect} />);
  fireEvent.click(box("Select web"));
  expect(onSelect).toHaveBeenLastCalledWith(["web"]);
  fireEvent.click(box("Select shop"), { shiftKey: true });
  expect(onSelect).toHaveBeenLastCalledWith(["web", "mail", "shop"]);
  expect(box("Select mail")).toHaveProperty("checked", true);
  expect(box("Select all shown")).toHaveProperty("indeterminate", true);
  fireEvent.click(box("Select all shown"));
  expect(onSelect).toHaveBeenLastCalledWith(shown);
  fireEvent.click(box("Select all shown"));
  expect(onSelect).toHaveBeenLastCalledWith([]);
});
