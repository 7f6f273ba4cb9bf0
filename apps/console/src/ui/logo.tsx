/** The mark: three stacked hosts that answer the roll call, the last of them still on its way up. */
export function Logo({ size = 22 }: { size?: number }) {
  return (
    <svg aria-hidden="true" width={size} height={size} viewBox="0 0 24 24" fill="none" style={{ flex: "none" }}>
      <rect width="24" height="24" rx="6" fill="var(--brand-mark)" />
      <path
        d="M5.5 17.5V7.2l6.5 5.4 6.5-5.4v10.3"
        stroke="var(--accent-ink)"
        strokeWidth="2.4"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <circle cx="12" cy="17.2" r="1.5" fill="var(--accent-ink)" />
    </svg>
  );
}
