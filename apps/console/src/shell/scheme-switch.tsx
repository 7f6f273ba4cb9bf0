"use client";
import { type MantineColorScheme, useMantineColorScheme } from "@mantine/core";
import { useMounted } from "@mantine/hooks";
import { IconButton } from "../ui/icon-button.tsx";

const NEXT = { light: "dark", dark: "auto", auto: "light" } as const satisfies Record<
  MantineColorScheme,
  MantineColorScheme
>;
const ICON = { light: "sun", dark: "moon", auto: "auto" } as const satisfies Record<MantineColorScheme, string>;

/** Light, dark, or as the system has it. The choice is the browser's, so the server does not know it. */
export function SchemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const scheme = useMounted() ? colorScheme : "auto";
  return (
    <IconButton
      icon={ICON[scheme]}
      label={`Theme: ${scheme}. Switch to ${NEXT[scheme]}`}
      onClick={() => setColorScheme(NEXT[scheme])}
    />
  );
}
