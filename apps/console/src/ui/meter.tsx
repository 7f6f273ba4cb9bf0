import classes from "./meter.module.css";

const NEARLY_FULL = 0.9;

/** How much of something is used or promised, as a bar and in words. */
export function Meter({ label, value, max, text }: { label: string; value: number; max: number; text: string }) {
  const share = max > 0 ? Math.min(1, value / max) : 0;
  return (
    <div className={classes.meter}>
      <span className={classes.label}>{label}</span>
      <span className={classes.text}>{text}</span>
      <div className={classes.track} aria-hidden="true">
        <div
          className={classes.fill}
          data-full={share >= NEARLY_FULL || undefined}
          style={{ width: `${share * 100}%` }}
        />
      </div>
    </div>
  );
}
