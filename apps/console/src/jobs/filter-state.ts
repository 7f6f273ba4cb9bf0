"use client";
import { useSearchParams } from "next/navigation";
import { type FilterParameters, filterOf, type HistoryFilter, parametersOf } from "./filter.ts";

export interface FilterState {
  filter: HistoryFilter;
  setFilter: (filter: HistoryFilter) => void;
  /** The name alone: it is set by typing, which may come to rest after another filter was chosen. */
  setName: (name: string) => void;
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
  return {
    filter: filterOf((name) => parameters.get(name)),
    setFilter: (filter) => replaceParameters(parametersOf(filter)),
    setName: (name) => replaceParameters({ name }),
  };
}
