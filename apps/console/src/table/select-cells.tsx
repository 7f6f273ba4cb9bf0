/** The boxes of a table whose rows can be chosen: one above for all that are shown, one in each row. */
import { SelectBox } from "./select-box.tsx";
import { allOf, clicked, extentOf, NOTHING_SELECTED, type Selection } from "./selection.ts";

export interface Selecting<Row> {
  selection: Selection;
  onSelect: (selection: Selection) => void;
  /** Of the row's box: "Select web-1". */
  labelOf: (row: Row) => string;
}

interface CellsProps<Row> {
  selecting: Selecting<Row>;
  /** The keys of all rows, in their order. */
  shown: readonly string[];
}

export function SelectAllCell<Row>({ selecting, shown }: CellsProps<Row>) {
  const extent = extentOf(selecting.selection, shown);
  return (
    <th scope="col">
      <SelectBox
        label="Select all shown"
        extent={extent}
        onToggle={() => selecting.onSelect(extent === "all" ? NOTHING_SELECTED : allOf(shown))}
      />
    </th>
  );
}

export function SelectCell<Row>({ selecting, shown, row, rowKey }: CellsProps<Row> & { row: Row; rowKey: string }) {
  const { selection, onSelect, labelOf } = selecting;
  return (
    <td>
      <SelectBox
        label={labelOf(row)}
        extent={selection.keys.has(rowKey) ? "all" : "none"}
        onToggle={(shift) => onSelect(clicked(selection, { shown, key: rowKey, shift }))}
      />
    </td>
  );
}
