"use client";
import { useDebouncedCallback } from "@mantine/hooks";
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
  /** What stands in the search field; the filter's name follows when typing rests. */
  typed: string;
  type: (text: string) => void;
}

const TYPING_MS = 180;

/** Without a trip to the server: Next reads `history` itself, and only the query changes. */
function replaceParameters(parameters: FilterParameters) {
  const url = new URL(window.location.href);
  for (const [name, value] of Object.entries(parameters)) {
    if (value === "") url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  window.history.replaceState(null, "", url);
}

function writeFilter(change: Partial<HistoryFilter>) {
  const written = new URLSearchParams(window.location.search);
  replaceParameters(parametersOf({ ...filterOf((name) => written.get(name)), ...change }));
}

export function useFilterState(): FilterState {
  const parameters = useSearchParams();
  // Else the two fields would go from under the cursor of who empties them.
  const [between, setBetween] = useState(false);
  const filter = filterOf((name) => parameters.get(name));
  const { typed, type, replace } = useTyped(filter.name);
  return {
    filter: between && filter.time.type === "any" ? { ...filter, time: OPEN_RANGE } : filter,
    change: (change) => {
      if (change.time !== undefined) setBetween(change.time.type === "between");
      if (change.name !== undefined) replace(change.name);
      writeFilter(change);
    },
    typed,
    type,
  };
}

/** @param name as the URL has it, which comes back late: what was typed here is not taken for news when it does */
function useTyped(name: string) {
  const [typed, setTyped] = useState(name);
  const [awaited, setAwaited] = useState<string | null>(null);
  const [seen, setSeen] = useState(name);
  if (name !== seen) {
    setSeen(name);
    if (awaited === null) setTyped(name); // a link, such as the menu's
    if (name === awaited) setAwaited(null);
  }
  const expect = (next: string) => setAwaited(next === name ? null : next);
  const search = useDebouncedCallback((next: string) => {
    expect(next);
    writeFilter({ name: next });
  }, TYPING_MS);
  return {
    typed,
    type: (text: string) => {
      setTyped(text);
      search(text.trim());
    },
    /** Also in the stead of what is still being typed. */
    replace: (next: string) => {
      search.cancel();
      expect(next);
      setTyped(next);
    },
  };
}
