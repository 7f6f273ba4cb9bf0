import classes from "./simulated-badge.module.css";

/** Stands wherever a simulated node or one of its VPSs is named: it is never taken for a real one. */
export function SimulatedBadge() {
  return (
    <span className={classes.badge} title="Served by the simulator: no hardware is behind it.">
      simulated
    </span>
  );
}
