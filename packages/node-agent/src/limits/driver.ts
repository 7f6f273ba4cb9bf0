/**
 * What makes a limit so. One driver per limit, in a file named as the limit's own in packages/model/src/limits; it works
 * over the engine's ports alone, so the simulated engine runs the same drivers. registry.ts lists them.
 *
 * Every method may be repeated. What a driver wrote is not remembered here: the kernel is asked.
 */
import type { VpsId } from "@muster/model/ids";
import type { LimitValue } from "@muster/model/limits/limit";
import type { LimitName, Limits } from "@muster/model/limits/registry";
import type { CgroupFile, Cgroups, Engine } from "../engine/ports.ts";
import { can, cannot, type Finding } from "../inventory/finding.ts";

export type LimitPorts = Pick<Engine, "cgroups" | "storage" | "network">;

/** Whose limit, and all its limits as they are to be: some are worked out from others. */
export interface Target {
  vpsId: VpsId;
  limits: Limits;
}

/**
 * What a limit is written to, and so from when to when it can be: the private area stands from the VPS's creation to its
 * deletion, its cgroups are made before its first process, its link comes with its network namespace.
 */
export type LimitPlace = "area" | "cgroup" | "link";

export interface LimitDriver<Value extends LimitValue> {
  place: LimitPlace;
  /** Limits that this one is worked out from: when they change, it is written again, after them. */
  follows?: readonly LimitName[];
  /** Where it is written to begins without it: null needs no writing at a start. */
  bornOpen?: boolean;
  /** Whether this node can hold it: one sentence, what was found or what is missing and how to get it. */
  probe(ports: LimitPorts): Promise<Finding>;
  /** Refuses what no VPS can have on this node, whether it runs, is stopped or is yet to be made. unsupported */
  mustBeThere?(ports: LimitPorts, limits: Limits): Promise<void>;
  /** Why the VPS cannot have it now, with figures; asked before anything is written. below_use, pool_full */
  check?(ports: LimitPorts, target: Target, before: Limits): Promise<void>;
  apply(ports: LimitPorts, target: Target): Promise<void>;
  /** From the kernel. `target` has what was asked for, where the kernel's figure can mean two things. */
  read(ports: LimitPorts, target: Target): Promise<Value>;
}

/** The finding of a limit that is one file of a cgroup. */
export async function findFile(cgroups: Cgroups, file: CgroupFile, howToGet: string): Promise<Finding> {
  if (await cgroups.offers(file)) return can(`The kernel has ${file.name}.`);
  return cannot(`The kernel's cgroups have no ${file.name}: ${howToGet}.`);
}
