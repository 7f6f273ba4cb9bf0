/** Limits as a whole: which of them a node can hold, putting some of them in place, reading all of them back. */
import { MusterError } from "@muster/model/errors";
import { isHeld } from "@muster/model/limits/held";
import type { LimitValue } from "@muster/model/limits/limit";
import {
  differingLimits,
  LIMIT_NAMES,
  LIMITS,
  type LimitName,
  type Limits,
  type LimitsChange,
  limitsChangeSchema,
} from "@muster/model/limits/registry";
import type { LimitFinding } from "@muster/model/node";
import { afterRollBack } from "../roll-back.ts";
import type { LimitDriver, LimitPlace, LimitPorts, Target } from "./driver.ts";
import { DRIVERS } from "./registry.ts";

export const ALL_PLACES: readonly LimitPlace[] = ["area", "cgroup", "link"];

export interface Change extends Target {
  before: Limits;
  places: readonly LimitPlace[];
  /** Not those alone that differ: `before` may not be what the kernel has. */
  all?: boolean;
}

export interface Limiter {
  /** Whether the node can hold each of them; tried once in five minutes at most. */
  findings(): Promise<LimitFinding[]>;
  /** unsupported, when one of the limits asks for what this node cannot hold. */
  mustHold(limits: Limits): Promise<void>;
  /** All limits of these places; whatever stands there, or `born` with nothing yet. */
  apply(target: Target, places: readonly LimitPlace[], there?: "born"): Promise<void>;
  /**
   * As `apply`, on a VPS that may have been left with others: one that fails keeps none of the rest from its place, and
   * what would take from the guest what it holds (memory, at the price of its processes) is left as it stands.
   */
  restore(target: Target, places: readonly LimitPlace[]): Promise<void>;
  /**
   * Those that differ, in the registry's order, and read back from the kernel; all of them or none. unsupported, below_use,
   * pool_full, engine_failed
   */
  change(change: Change): Promise<void>;
  /** As the kernel has them now. */
  read(target: Target, places: readonly LimitPlace[], among?: readonly LimitName[]): Promise<LimitsChange>;
}

/** Packages get installed and modules loaded; a throw-away network namespace takes 20 ms. */
const FINDINGS_KEPT_MS = 300_000;

export function createLimiter(ports: LimitPorts, nowMs: () => number): Limiter {
  let found: { atMs: number; findings: Promise<LimitFinding[]> } | null = null;

  function findings(): Promise<LimitFinding[]> {
    if (found === null || nowMs() - found.atMs > FINDINGS_KEPT_MS) {
      found = { atMs: nowMs(), findings: Promise.all(LIMIT_NAMES.map((name) => probe(ports, name))) };
    }
    return found.findings;
  }

  async function mustHoldThese(limits: Limits, names: readonly LimitName[]): Promise<void> {
    const demanding = names.filter((name) => asksForSomething(limits[name]));
    if (demanding.length === 0) return;
    const missing = (await findings()).find(({ name, available }) => !available && demanding.includes(name));
    if (missing !== undefined) {
      const { name, detail } = missing;
      throw new MusterError("unsupported", `${LIMITS[name].title}: ${detail}`, { field: `limits.${name}` });
    }
    for (const name of demanding) await driverOf(name).mustBeThere?.(ports, limits);
  }

  return {
    findings,
    mustHold: (limits) => mustHoldThese(limits, LIMIT_NAMES),
    apply: async (target, places, there) => {
      for (const name of LIMIT_NAMES.filter((one) => places.includes(driverOf(one).place))) {
        const { bornOpen = false, apply } = driverOf(name);
        if (there !== "born" || !bornOpen || target.limits[name] !== null) await apply(ports, target);
      }
    },
    restore: async (target, places) => {
      const names = LIMIT_NAMES.filter((one) => places.includes(driverOf(one).place));
      const failures = await restoreAll(ports, names, target);
      if (failures.length === 0) return;
      const message = "Not all limits of the VPS are as its spec has them.";
      throw new MusterError("engine_failed", message, { cause: new AggregateError(failures) });
    },
    change: async ({ before, places, all = false, ...target }) => {
      const changed = all ? LIMIT_NAMES : differingLimits(before, target.limits);
      await mustHoldThese(target.limits, changed);
      const names = withFollowers(changed).filter((name) => places.includes(DRIVERS[name].place));
      for (const name of names) await driverOf(name).check?.(ports, target, before);
      await allOrNone(ports, { names, target, before });
    },
    read: async (target, places, among = LIMIT_NAMES) => {
      const names = among.filter((name) => places.includes(DRIVERS[name].place));
      const values = await Promise.all(names.map(async (name) => [name, await DRIVERS[name].read(ports, target)]));
      return parseFound(Object.fromEntries(values));
    },
  };
}

async function restoreOne(ports: LimitPorts, name: LimitName, target: Target): Promise<void> {
  const { mustBeThere, check, apply } = driverOf(name);
  await mustBeThere?.(ports, target.limits);
  await check?.(ports, target, target.limits);
  await apply(ports, target);
}

/** The one type in which every driver can be asked. */
function driverOf(name: LimitName): LimitDriver<LimitValue> {
  return DRIVERS[name];
}

/** What nobody may ask for, somebody else has written. */
function parseFound(values: unknown): LimitsChange {
  const parsed = limitsChangeSchema.safeParse(values);
  if (parsed.success) return parsed.data;
  throw new MusterError("engine_failed", "The kernel holds limits that Muster did not set.", { cause: parsed.error });
}

/** No limit, and no swap, can be asked of every node. */
function asksForSomething(value: LimitValue): boolean {
  return value !== null && value !== 0;
}

async function probe(ports: LimitPorts, name: LimitName): Promise<LimitFinding> {
  try {
    return { name, ...(await DRIVERS[name].probe(ports)) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { name, available: false, detail: `It could not be tried: ${reason}` };
  }
}

/** The limits that are worked out from a changed one change with it. */
function withFollowers(changed: readonly LimitName[]): LimitName[] {
  const touched = (name: LimitName) => changed.includes(name);
  return LIMIT_NAMES.filter((name) => touched(name) || driverOf(name).follows?.some(touched));
}

interface Writing {
  names: readonly LimitName[];
  target: Target;
  before: Limits;
}

/** A file that took a figure and kept another, a queue that somebody else has taken away: said, not hoped to be otherwise. */
async function mustBeHeld(ports: LimitPorts, name: LimitName, target: Target): Promise<void> {
  const held = await driverOf(name).read(ports, target);
  const asked = target.limits[name];
  if (isHeld(name, held, asked)) return;
  const figures = `the kernel holds ${JSON.stringify(held)} after ${JSON.stringify(asked)} was written`;
  throw new MusterError("engine_failed", `${LIMITS[name].title}: ${figures}.`, { field: `limits.${name}` });
}

/** What was written before the failure, the failed one included, is restored as it was. */
async function allOrNone(ports: LimitPorts, { names, target, before }: Writing): Promise<void> {
  const tried: LimitName[] = [];
  try {
    for (const name of names) {
      tried.push(name);
      await DRIVERS[name].apply(ports, target);
    }
    await Promise.all(names.map((name) => mustBeHeld(ports, name, target)));
  } catch (cause) {
    // Followers too: v1's memory.max lifts the limit of memory.swap out of its way, and may fail after that.
    throw afterRollBack(cause, await restoreAll(ports, withFollowers(tried), { vpsId: target.vpsId, limits: before }));
  }
}

/** Goes on after a failure: the more of the old ones stand, the better. */
async function restoreAll(ports: LimitPorts, names: readonly LimitName[], target: Target): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (const name of names) {
    await restoreOne(ports, name, target).catch((error: unknown) => failures.push(error));
  }
  return failures;
}
