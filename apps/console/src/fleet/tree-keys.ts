"use client";
/** The keys of a tree (WAI-ARIA authoring practices, tree view): arrows walk and open, Home and End jump, Enter goes there. */
import { type KeyboardEvent, type RefObject, useState } from "react";
import type { TreeRow } from "./tree-rows.ts";

interface TreeKeys {
  rows: TreeRow[];
  onOpen: (nodeId: string, open: boolean) => void;
  scroller: RefObject<HTMLDivElement | null>;
  reveal: (index: number) => void;
}

export function useTreeKeys({ rows, onOpen, scroller, reveal }: TreeKeys) {
  const [focused, setFocused] = useState(0);

  const itemAt = (index: number) => scroller.current?.querySelector<HTMLElement>(`[data-index="${index}"]`);

  const focusRow = (index: number) => {
    const bounded = Math.max(0, Math.min(rows.length - 1, index));
    setFocused(bounded);
    reveal(bounded);
    // The row may only come into the document with the next paint.
    requestAnimationFrame(() => itemAt(bounded)?.focus());
  };

  const parentOf = (index: number) => rows.slice(0, index).findLastIndex((row) => row.kind === "node");

  // Where the person is, not where the event came from: the focus follows with the next paint, and keys may be faster.
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const index = Math.min(focused, rows.length - 1);
    const row = rows[index];
    if (row === undefined) return;
    const moves: Record<string, () => void> = {
      ArrowDown: () => focusRow(index + 1),
      ArrowUp: () => focusRow(index - 1),
      Home: () => focusRow(0),
      End: () => focusRow(rows.length - 1),
      ArrowRight: () => (row.kind === "node" && !row.open ? onOpen(row.id, true) : focusRow(index + 1)),
      ArrowLeft: () => (row.kind === "node" ? onOpen(row.id, false) : focusRow(parentOf(index))),
      Enter: () => itemAt(index)?.querySelector("a")?.click(),
    };
    const move = moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    move();
  };

  return { focused, setFocused, onKeyDown };
}
