/** Muster's own icons: 16 × 16, one stroke. Decoration only: what they mean is always said in words beside them. */
const PATHS = {
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10Zm3.6-1.4L14 14",
  plus: "M8 3v10M3 8h10",
  play: "M5 3.2v9.6L12.6 8Z",
  stop: "M4.5 4.5h7v7h-7Z",
  restart: "M12.8 8A4.8 4.8 0 1 1 11.2 4.4M11.4 1.8v2.8H8.6",
  trash: "M3 4.5h10M6.2 4.5V3h3.6v1.5M4.4 4.5l.6 8.5h6l.6-8.5M6.8 7v3.6M9.2 7v3.6",
  more: "M8 3.6v.01M8 8v.01M8 12.4v.01",
  chevronRight: "M6 3.5 10.5 8 6 12.5",
  chevronDown: "M3.5 6 8 10.5 12.5 6",
  chevronUp: "M3.5 10 8 5.5l4.5 4.5",
  node: "M2.5 3h11v4h-11ZM2.5 9h11v4h-11ZM5 5v.01M5 11v.01",
  vps: "M8 1.8 13.5 5v6L8 14.2 2.5 11V5ZM2.7 5 8 8l5.3-3M8 8v6",
  fleet: "M2.5 2.5h4.5v4.5H2.5ZM9 2.5h4.5v4.5H9ZM2.5 9h4.5v4.5H2.5ZM9 9h4.5v4.5H9Z",
  jobs: "M6 4h7.5M6 8h7.5M6 12h7.5M2.5 4h.8M2.5 8h.8M2.5 12h.8",
  sun: "M8 10.8A2.8 2.8 0 1 0 8 5.2a2.8 2.8 0 0 0 0 5.6ZM8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9",
  moon: "M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8 5.6 5.6 0 1 0 13.2 9.6Z",
  auto: "M8 13.5a5.5 5.5 0 1 0 0-11ZM8 2.5a5.5 5.5 0 0 0 0 11",
  edit: "M3 13l.7-3L10.6 3.1a1.2 1.2 0 0 1 1.7 0l.6.6a1.2 1.2 0 0 1 0 1.7L6 12.3ZM9.4 4.3l2.3 2.3",
  sliders: "M2.5 4.5h6M11.5 4.5h2M2.5 11.5h2M7.5 11.5h6M10 3v3M6 10v3",
  clock: "M8 13.6A5.6 5.6 0 1 0 8 2.4a5.6 5.6 0 0 0 0 11.2ZM8 5v3.2l2 1.3",
  user: "M8 7.8A2.6 2.6 0 1 0 8 2.6a2.6 2.6 0 0 0 0 5.2ZM2.8 13.6a5.3 5.3 0 0 1 10.4 0",
  terminal: "M2 3h12v10H2ZM4.6 6l2.2 2-2.2 2M8.4 10.2h3",
  copy: "M5.5 5.5h8v8h-8ZM10.5 5.5v-3h-8v8h3",
  check: "M3 8.5 6.5 12 13 4.5",
  close: "M4 4l8 8M12 4l-8 8",
  key: "M10.2 9.6a3.4 3.4 0 1 0-3.2-3.2L2.5 11v2.5H5V12h1.5v-1.5H8ZM11 5v.01",
  sortUp: "M8 12.5v-9M4.5 7 8 3.5 11.5 7",
  sortDown: "M8 3.5v9M4.5 9 8 12.5 11.5 9",
  undo: "M5.5 3 2.5 6l3 3M2.8 6h6.4a4 4 0 0 1 0 8H6.5",
  warning: "M8 2.2 14.3 13H1.7ZM8 6.5v3M8 11.2v.01",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
      style={{ flex: "none" }}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
