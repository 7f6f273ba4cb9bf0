"use client";
import { useHotkeys } from "@mantine/hooks";
import { useState } from "react";

/** Whether the palette is open, and whether it was ever wanted: until then its code is not fetched. */
export function usePalette() {
  const [opened, setOpened] = useState(false);
  const [wanted, setWanted] = useState(false);
  const open = () => {
    setWanted(true);
    setOpened(true);
  };
  // An empty list of exceptions: the shortcut works from inside a field too.
  useHotkeys([["mod+K", open]], []);
  return { opened, wanted, open, close: () => setOpened(false) };
}
