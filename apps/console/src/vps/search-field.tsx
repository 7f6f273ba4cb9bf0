"use client";
import { TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useState } from "react";
import { Icon } from "../ui/icon.tsx";
import type { ListState } from "./list-state.ts";

const TYPING_MS = 180;

/** `name: node: state: ip:` narrow to one property; without one it is a part of the name or address. */
export function SearchField({ list }: { list: ListState }) {
  const [text, setText] = useState(list.search);
  const search = useDebouncedCallback(list.setSearch, TYPING_MS);
  return (
    <TextInput
      type="search"
      size="xs"
      aria-label="Search VPSs"
      placeholder="Search, or name: node: state: ip:"
      leftSection={<Icon name="search" size={14} />}
      maw={380}
      w="100%"
      value={text}
      maxLength={200}
      onChange={(event) => {
        setText(event.currentTarget.value);
        search(event.currentTarget.value.trim());
      }}
    />
  );
}
