/**
 * Every limit by its name. A new one is its file, its driver, a test of its effect, and a line in each of the two
 * registries: forms, jobs, history, checks and storage follow from here.
 */
import { z } from "zod";
import { cpuCores } from "./cpu-cores.ts";
import { cpuPinning } from "./cpu-pinning.ts";
import { cpuWeight } from "./cpu-weight.ts";
import { diskMax } from "./disk-max.ts";
import { ioReadBytes } from "./io-read-bytes.ts";
import { ioReadOperations } from "./io-read-operations.ts";
import { ioWriteBytes } from "./io-write-bytes.ts";
import { ioWriteOperations } from "./io-write-operations.ts";
import type { Limit } from "./limit.ts";
import { memoryMax } from "./memory-max.ts";
import { memorySwap } from "./memory-swap.ts";
import { nicEgress } from "./nic-egress.ts";
import { nicIngress } from "./nic-ingress.ts";
import { pidsMax } from "./pids-max.ts";

export const LIMITS = {
  "cpu.cores": cpuCores,
  "cpu.weight": cpuWeight,
  "cpu.pinning": cpuPinning,
  "memory.max": memoryMax,
  "memory.swap": memorySwap,
  "disk.max": diskMax,
  "nic.egress": nicEgress,
  "nic.ingress": nicIngress,
  "io.read.bytes": ioReadBytes,
  "io.read.operations": ioReadOperations,
  "io.write.bytes": ioWriteBytes,
  "io.write.operations": ioWriteOperations,
  "pids.max": pidsMax,
} as const satisfies Record<string, Limit>;

export type LimitName = keyof typeof LIMITS;
export const LIMIT_NAMES = Object.keys(LIMITS) as [LimitName, ...LimitName[]]; // Object.keys forgets the literal type
export const limitNameSchema = z.enum(LIMIT_NAMES);

/** All the limits of a VPS. */
export type Limits = { [Name in LimitName]: z.output<(typeof LIMITS)[Name]["schema"]> };
/** Some of them, to be changed. */
export type LimitsChange = { [Name in LimitName]?: Limits[Name] | undefined };

type LimitsShape = { [Name in LimitName]: z.ZodDefault<(typeof LIMITS)[Name]["schema"]> };
type ChangeShape = { [Name in LimitName]: z.ZodOptional<(typeof LIMITS)[Name]["schema"]> };
const shapeOf = <Shape>(one: (entry: Limit) => z.ZodType): Shape =>
  Object.fromEntries(LIMIT_NAMES.map((name) => [name, one(LIMITS[name])])) as Shape; // fromEntries forgets the keys

/** What is not named has the limit's initial value. */
export const limitsSchema = z.strictObject(shapeOf<LimitsShape>(({ schema, initial }) => schema.default(initial)));
export const limitsChangeSchema = z.strictObject(shapeOf<ChangeShape>(({ schema }) => schema.optional()));

/** All limits: the given ones, and the initial value of the others. */
export function limitsWith(given: LimitsChange = {}): Limits {
  return limitsSchema.parse(given);
}

/** The limits after a change; what the change does not name stays. */
export function changedLimits(limits: Limits, change: LimitsChange): Limits {
  const named = Object.entries(change).filter(([, value]) => value !== undefined);
  return limitsSchema.parse({ ...limits, ...Object.fromEntries(named) });
}

/** The names whose values differ, in the registry's order. */
export function differingLimits(one: Limits, other: Limits): LimitName[] {
  return LIMIT_NAMES.filter((name) => JSON.stringify(one[name]) !== JSON.stringify(other[name]));
}
