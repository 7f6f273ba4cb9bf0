import { Icon } from "../ui/icon.tsx";
import classes from "./data-table.module.css";

export interface Sort<Field extends string> {
  field: Field;
  direction: "asc" | "desc";
}

interface SortHeaderProps<Field extends string> {
  column: { header: string; sortField?: Field; align?: "end" };
  sort: Sort<Field> | undefined;
  onSort: ((sort: Sort<Field>) => void) | undefined;
}

const ARIA_SORT = { asc: "ascending", desc: "descending" } as const;

export function SortHeader<Field extends string>({ column, sort, onSort }: SortHeaderProps<Field>) {
  const { sortField, header, align } = column;
  if (sortField === undefined || onSort === undefined) {
    return (
      <th scope="col" data-align={align}>
        {header}
      </th>
    );
  }
  const direction = sort?.field === sortField ? sort.direction : null;
  return (
    <th scope="col" data-align={align} aria-sort={direction === null ? "none" : ARIA_SORT[direction]}>
      <button
        type="button"
        className={classes.sort}
        onClick={() => onSort({ field: sortField, direction: direction === "asc" ? "desc" : "asc" })}
      >
        {header}
        <span className={classes.arrow} data-active={direction !== null || undefined}>
          <Icon name={direction === "desc" ? "sortDown" : "sortUp"} size={12} />
        </span>
      </button>
    </th>
  );
}
