import type { LimitName, LimitsChange } from "@muster/model/limits/registry";
import type { TimedChange, Vps } from "@muster/model/vps";
import { spokenTime } from "../limits/ahead.ts";
import { formatLimit, limitInWords } from "../limits/value.ts";
import classes from "./limit-note.module.css";

interface LimitNoteProps {
  name: LimitName;
  vps: Vps;
  /** As the kernel holds them; undefined while that is not known, and while the VPS does not run. */
  kernel: LimitsChange | undefined;
  timed: readonly TimedChange[];
}

/** What else is to be said of a limit: that the kernel holds another value, and that this one is not to stay. */
export function LimitNote({ name, vps, kernel, timed }: LimitNoteProps) {
  const wanted = vps.spec.limits[name];
  const held = kernel?.[name];
  const differs = held !== undefined && JSON.stringify(held) !== JSON.stringify(wanted);
  const back = timed.find((change) => change.state === "pending" && change.back[name] !== undefined);
  return (
    <>
      {differs && <p className={classes.differs}>The kernel holds {formatLimit(name, held)} now.</p>}
      {back !== undefined && (
        <p className={classes.timed} suppressHydrationWarning>
          Until {spokenTime(back.dueAt)}, then back to {limitInWords(name, back.back[name] ?? null)}.
        </p>
      )}
    </>
  );
}
