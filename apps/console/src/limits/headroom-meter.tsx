import { formatShare } from "@muster/model/limits/overcommit";
import type { Headroom } from "@muster/model/limits/preview";
import classes from "./headroom-meter.module.css";
import { RESOURCE_TITLE } from "./resource-title.ts";

/**
 * What of a node is promised, before and after a change, as a bar and in figures. Its full width is what may be
 * promised; where that is more than the node has, a line marks what is really there.
 */
export function HeadroomMeter({ headroom }: { headroom: Headroom }) {
  const { resource, capacity, promisable, promisedBefore, promisedAfter, used } = headroom;
  const width = Math.max(promisable, promisedBefore, promisedAfter);
  const share = (value: number) => `${width > 0 ? (value / width) * 100 : 0}%`;
  const figure = (value: number) => formatShare(resource, value);
  const over = promisedAfter > promisable;
  const grows = promisedAfter > promisedBefore;
  const from = Math.min(promisedBefore, promisedAfter);
  const to = Math.max(promisedBefore, promisedAfter);
  return (
    <div className={classes.meter}>
      <span className={classes.label}>{RESOURCE_TITLE[resource]}</span>
      <span className={classes.figures}>
        {from === to ? (
          figure(to)
        ) : (
          <>
            {figure(promisedBefore)} → <strong data-over={over || undefined}>{figure(promisedAfter)}</strong>
          </>
        )}{" "}
        of {figure(promisable)}
      </span>
      <div className={classes.track} aria-hidden="true">
        <div className={classes.kept} style={{ width: share(from) }} />
        <div
          className={classes.moved}
          data-way={grows ? "grows" : "shrinks"}
          data-over={over || undefined}
          style={{ width: share(to - from) }}
        />
        {capacity < width && <div className={classes.capacity} style={{ insetInlineStart: share(capacity) }} />}
      </div>
      <span className={classes.words}>
        {over
          ? `${figure(promisedAfter - promisable)} too much`
          : `${figure(promisable - promisedAfter)} left to promise`}
        {capacity !== promisable && `, the node has ${figure(capacity)}`}
        {used !== null && `; ${figure(used)} in use now`}
      </span>
    </div>
  );
}
