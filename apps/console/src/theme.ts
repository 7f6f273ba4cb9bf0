"use client";
/** Mantine dressed as Muster: the colours are tokens of app/tokens.css, so that charts and tables share them. */
import { Button, createTheme, type MantineColorsTuple } from "@mantine/core";

/** Petrol: apart from every state colour (green runs, red failed, amber unknown, indigo under way). */
const petrol: MantineColorsTuple = [
  "#e6f5f8",
  "#cfe8ed",
  "#a3d3dc",
  "#73bfcc",
  "#4fc1d4",
  "#2394a8",
  "#0f7d91",
  "#0a6b7c",
  "#085a69",
  "#064753",
];

const slate: MantineColorsTuple = [
  "#e4ecef",
  "#c3d0d6",
  "#a9bac2",
  "#8c9fa9",
  "#364750",
  "#26333a",
  "#1a2429",
  "#141c20",
  "#0e1417",
  "#0a0f12",
];

const FONT = '"Inter Variable", ui-sans-serif, system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
const MONO = 'ui-monospace, "SFMono-Regular", "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace';

const FILLED = {
  "--button-bg": "var(--accent)",
  "--button-hover": "var(--accent-hover)",
  "--button-color": "var(--accent-ink)",
};

export const theme = createTheme({
  primaryColor: "petrol",
  primaryShade: { light: 7, dark: 4 },
  autoContrast: true,
  colors: { petrol, dark: slate },
  black: "#12212a",
  fontFamily: FONT,
  fontFamilyMonospace: MONO,
  headings: { fontFamily: FONT, fontWeight: "620" },
  defaultRadius: 6,
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Button: Button.extend({
      defaultProps: { size: "xs" },
      // Mantine picks one ink for both schemes; ours is dark on the light petrol of the dark scheme (WCAG 1.4.3).
      vars: (_theme, { variant = "filled", color }) =>
        variant === "filled" && color === undefined ? { root: FILLED } : { root: {} },
    }),
    TextInput: { defaultProps: { size: "sm" } },
    PasswordInput: { defaultProps: { size: "sm" } },
    NumberInput: { defaultProps: { size: "sm" } },
    Select: { defaultProps: { size: "sm", allowDeselect: false } },
    Tooltip: {
      defaultProps: {
        withArrow: true,
        openDelay: 250,
        multiline: true,
        events: { hover: true, focus: true, touch: true },
      },
    },
    Modal: {
      defaultProps: { centered: true, transitionProps: { duration: 0 } },
      styles: { title: { fontWeight: 620 } },
    },
    Menu: { defaultProps: { transitionProps: { duration: 0 }, shadow: "md" } },
  },
});
