"use client";
/**
 * A list of any length: ordered and paged by the server, and only the rows in sight are in the document. It is a real
 * table, so that it reads as one to a screen reader; rows out of sight are two spacers.
 */
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef } from "react";
import classes from "./data-table.module.css";
import { SelectAllCell, SelectCell, type Selecting } from "./select-cells.tsx";
import { type Sort, SortHeader } from "./sort-header.tsx";

export interface Column<Row, Field extends string> {
  id: string;
  header: string;
  /** CSS width; one column without takes what is left. */
  width?: string;
  sortField?: Field;
  align?: "end";
  cell: (row: Row) => ReactNode;
}

interface DataTableProps<Row, Field extends string> {
  label: string;
  columns: readonly Column<Row, Field>[];
  rows: readonly Row[];
  total: number;
  rowKey: (row: Row) => string;
  sort?: Sort<Field>;
  onSort?: (sort: Sort<Field>) => void;
  /** Called when the last loaded row comes into sight. */
  onEnd?: () => void;
  isStale?: (row: Row) => boolean;
  /** Where rows can be chosen. */
  selecting?: Selecting<Row>;
}

const NO_KEYS: readonly string[] = [];
const ROW_PX = 38;
const BOX_COLUMN = "48px";
/** Before the browser has measured: enough rows for the first paint from the server. */
const FIRST_PAINT = { width: 1_200, height: 900 };

export function DataTable<Row, Field extends string>(props: DataTableProps<Row, Field>) {
  const { columns, rows, total, onEnd, selecting } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
    initialRect: FIRST_PAINT,
  });
  const visible = virtual.getVirtualItems();
  const lastVisible = visible.at(-1)?.index ?? -1;
  const before = visible[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (visible.at(-1)?.end ?? 0);

  const shown = selecting === undefined ? NO_KEYS : rows.map(props.rowKey);
  const width = columns.length + (selecting === undefined ? 0 : 1);

  useEffect(() => {
    if (lastVisible >= rows.length - 1 && rows.length < total) onEnd?.();
  }, [lastVisible, rows.length, total, onEnd]);

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reachable by keyboard (WCAG 2.1.1)
    <section ref={scroller} className={classes.scroller} aria-label={`${props.label}, scrolling`} tabIndex={0}>
      <table className={classes.table} aria-label={props.label} aria-rowcount={total + 1}>
        <colgroup>
          {selecting !== undefined && <col style={{ width: BOX_COLUMN }} />}
          {columns.map((column) => (
            <col key={column.id} style={column.width === undefined ? undefined : { width: column.width }} />
          ))}
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            {selecting !== undefined && <SelectAllCell selecting={selecting} shown={shown} />}
            {columns.map((column) => (
              <SortHeader key={column.id} column={column} sort={props.sort} onSort={props.onSort} />
            ))}
          </tr>
        </thead>
        <Spacer height={before} columns={width} />
        <tbody>
          {visible.map(({ index }) => {
            const row = rows[index];
            if (row === undefined) return null;
            const key = props.rowKey(row);
            return (
              <tr
                key={key}
                aria-rowindex={index + 2}
                data-selected={selecting?.selection.keys.has(key) || undefined}
                data-stale={props.isStale?.(row) || undefined}
              >
                {selecting !== undefined && <SelectCell selecting={selecting} shown={shown} row={row} rowKey={key} />}
                {columns.map((column) => (
                  <td key={column.id} data-align={column.align}>
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
        <Spacer height={after} columns={width} />
      </table>
    </section>
  );
}

function Spacer({ height, columns }: { height: number; columns: number }) {
  if (height <= 0) return null;
  return (
    <tbody aria-hidden="true" className={classes.spacer}>
      <tr>
        <td colSpan={columns} style={{ height }} />
      </tr>
    </tbody>
  );
}
