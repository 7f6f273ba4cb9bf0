/**
 * What can be done with a VPS: one list that serves the page's buttons, the table's menus and the bar for many at once.
 * Whether it may be done is the model's rule (`vpsCan`).
 */
import { type Vps, vpsCan } from "@muster/model/vps";
import type { IconName } from "../ui/icon.tsx";

interface ActionRule {
  label: string;
  icon: IconName;
  can: (typeof vpsCan)[keyof typeof vpsCan];
  /** It cannot be taken back. */
  danger?: true;
  /** The page of a VPS has a tab for it, so it needs no button there. */
  tab?: true;
}

const VPS_ACTION_NAMES = ["start", "stop", "restart", "setLimits", "terminal", "rename", "delete"] as const;
export type VpsActionName = (typeof VPS_ACTION_NAMES)[number];

const VPS_ACTIONS = {
  start: { label: "Start", icon: "play", can: vpsCan.start },
  stop: { label: "Stop", icon: "stop", can: vpsCan.stop },
  restart: { label: "Restart", icon: "restart", can: vpsCan.restart },
  setLimits: { label: "Change limits", icon: "sliders", can: vpsCan.setLimits, tab: true },
  terminal: { label: "Terminal", icon: "terminal", can: vpsCan.terminal, tab: true },
  rename: { label: "Rename", icon: "edit", can: vpsCan.rename },
  delete: { label: "Delete", icon: "trash", can: vpsCan.delete, danger: true },
} as const satisfies Record<VpsActionName, ActionRule>;

export interface VpsAction extends Omit<ActionRule, "can"> {
  name: VpsActionName;
  disabledReason: string | null;
  run: () => void;
}

/** The list for one VPS; what may not be done stays visible, with the reason. */
export function actionsOn(vps: Vps, run: Record<VpsActionName, () => void>): VpsAction[] {
  return VPS_ACTION_NAMES.map((name) => {
    const { can, ...rule } = VPS_ACTIONS[name];
    const permission = can(vps);
    return { name, ...rule, disabledReason: permission.allowed ? null : permission.reason, run: run[name] };
  });
}

/** What makes sense for many: a terminal shows one, and a name is one VPS's. */
export const BULK_ACTION_NAMES = ["start", "stop", "restart", "setLimits", "delete"] as const;
export type BulkActionName = (typeof BULK_ACTION_NAMES)[number];

export function bulkAction(name: BulkActionName): ActionRule {
  return VPS_ACTIONS[name];
}

export interface BulkReach {
  can: Vps[];
  refused: { vps: Vps; reason: string }[];
}

/** Which of them it can be done with as things stand, and why not with the others. */
export function reachOf(name: BulkActionName, several: readonly Vps[]): BulkReach {
  const reach: BulkReach = { can: [], refused: [] };
  for (const vps of several) {
    const permission = VPS_ACTIONS[name].can(vps);
    if (permission.allowed) reach.can.push(vps);
    else reach.refused.push({ vps, reason: permission.reason });
  }
  return reach;
}

/** "1 VPS", "12 VPSs" */
export function vpsCount(count: number): string {
  return `${count.toLocaleString("en-GB")} ${count === 1 ? "VPS" : "VPSs"}`;
}
