"use client";
import { useSearchParams } from "next/navigation";
import { useState } from "react";
import { type FilterParameters, filterOf, type HistoryFilter, OPEN_RANGE, parametersOf } from "./filter.ts";

export interface FilterState {
  filter: HistoryFilter;
  /**
   * What is not named stays as the URL has it by then, which may be more than was drawn: typing comes to rest late, and
   * two clicks may be faster than a paint.
   */
  change: (change: Partial<HistoryFilter>) => void;
}

/** Without a trip to the server: Next reads `history` itself, and only the query changes. */
function replaceParameters(parameters: FilterParameters) {
  const url = new URL(window.location.href);
  for (const [name, value] of Object.entries(parameters)) {
    if (value === "") url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  window.history.replaceState(null, "", url);
}

export function useFilterState(): FilterState {
  const parameters = useSearchParams();
  // Else the two fields would go from under the cursor of who empties them.
  const [between, setBetween] = useState(false);
  const filter = filterOf((name) => parameters.get(name));
  return {
    filter: between && filter.time.type === "any" ? { ...filter, time: OPEN_RANGE } : filter,
    change: (change) => {
      if (change.time !== undefined) setBetween(change.time.type === "between");
      const written = new URLSearchParams(window.location.search);
      replaceParameters(parametersOf({ ...filterOf((name) => written.get(name)), ...change }));
    },
  };
}
