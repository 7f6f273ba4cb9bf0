"use client";
import Link from "next/link";
import type { KeyboardEvent } from "react";
import { NodeHealthShape } from "../nodes/health.tsx";
import { orphanCountText } from "../nodes/orphan-count.ts";
import { paths } from "../paths.ts";
import { isStale } from "../ui/freshness.tsx";
import { Icon } from "../ui/icon.tsx";
import { RelativeTime } from "../ui/relative-time.tsx";
import { SimulatedBadge } from "../ui/simulated-badge.tsx";
import { VpsStateShape } from "../vps/state.tsx";
import classes from "./tree.module.css";
import type { TreeRow } from "./tree-rows.ts";

interface TreeItemProps {
  row: TreeRow;
  index: number;
  top: number;
  askedAtMs: number;
  current: boolean;
  focusable: boolean;
  onFocus: () => void;
  onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
  onToggle: (open: boolean) => void;
}

export function TreeItem({ row, index, top, current, focusable, onFocus, onKeyDown, ...rest }: TreeItemProps) {
  return (
    <div
      role="treeitem"
      aria-level={row.kind === "node" ? 1 : 2}
      aria-expanded={row.kind === "node" ? row.open : undefined}
      aria-selected={current}
      tabIndex={focusable ? 0 : -1}
      data-index={index}
      data-kind={row.kind}
      className={classes.item}
      style={{ transform: `translateY(${top}px)` }}
      onFocus={onFocus}
      onKeyDown={onKeyDown}
    >
      <Content row={row} {...rest} />
    </div>
  );
}

function moreText({ entry }: Extract<TreeRow, { kind: "more" }>): string {
  return `${entry.vpsTotal - entry.vps.length} more VPSs`;
}

function Content({ row, askedAtMs, onToggle }: Pick<TreeItemProps, "row" | "askedAtMs" | "onToggle">) {
  if (row.kind === "more") {
    return (
      <Link prefetch={false} tabIndex={-1} className={classes.link} href={paths.node(row.entry.node.id, "vps")}>
        {moreText(row)}
      </Link>
    );
  }
  if (row.kind === "vps") {
    return (
      <Link
        prefetch={false}
        tabIndex={-1}
        className={classes.link}
        href={paths.vps(row.vps.id)}
        title={`${row.vps.state}, ${row.vps.address}`}
      >
        <VpsStateShape state={row.vps.state} />
        <span className={classes.name}>{row.vps.name}</span>
        <span className="visually-hidden">{row.vps.state}</span>
        {row.entry.node.simulated && <span className={classes.sim}>simulated</span>}
      </Link>
    );
  }
  const { node } = row.entry;
  const stale = node.health !== "healthy" && isStale({ observedAt: node.observedAt, askedAtMs });
  return (
    <>
      <button
        type="button"
        tabIndex={-1}
        aria-hidden="true"
        className={classes.toggle}
        onClick={() => onToggle(!row.open)}
      >
        <Icon name={row.open ? "chevronDown" : "chevronRight"} size={12} />
      </button>
      <Link prefetch={false} tabIndex={-1} className={classes.link} href={paths.node(node.id)}>
        <NodeHealthShape health={node.health} />
        <span className={classes.name}>{node.name}</span>
        <span className="visually-hidden">{node.health}</span>
        {node.simulated && <SimulatedBadge />}
        {node.orphanCount > 0 && <OrphansMark count={node.orphanCount} />}
        <span className={classes.count}>{stale ? <Silence observedAt={node.observedAt} /> : row.entry.vpsTotal}</span>
      </Link>
    </>
  );
}

function OrphansMark({ count }: { count: number }) {
  const text = orphanCountText(count);
  return (
    <span className={classes.orphans} title={text}>
      <Icon name="warning" size={13} />
      <span className="visually-hidden">{text}</span>
    </span>
  );
}

function Silence({ observedAt }: { observedAt: string | null }) {
  return (
    <span className={classes.silence}>
      <span className="visually-hidden">last heard </span>
      {observedAt === null ? "never heard" : <RelativeTime at={observedAt} />}
    </span>
  );
}
