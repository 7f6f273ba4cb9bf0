"use client";
/** Search and order of a list live in the URL: a link to what somebody sees is a link to what they see. */
import { useSearchParams } from "next/navigation";
import { DEFAULT_SORT, type VpsSort } from "./queries.ts";
import { parseSort, sortToText } from "./sort.ts";

export interface ListState {
  search: string;
  sort: VpsSort;
  setSearch: (search: string) => void;
  setSort: (sort: VpsSort) => void;
}

/** Without a trip to the server: Next reads `history` itself, and only the query changes. */
function replaceParameter(name: string, value: string | null) {
  const url = new URL(window.location.href);
  if (value === null || value === "") url.searchParams.delete(name);
  else url.searchParams.set(name, value);
  window.history.replaceState(null, "", url);
}

export function useListState(): ListState {
  const parameters = useSearchParams();
  return {
    search: parameters.get("search") ?? "",
    sort: parseSort(parameters.get("sort")) ?? DEFAULT_SORT,
    setSearch: (search) => replaceParameter("search", search),
    setSort: (sort) => replaceParameter("sort", sortToText(sort)),
  };
}
