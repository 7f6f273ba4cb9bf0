/**
 * A limit: a resource of a VPS that can change while it runs. Each has one file beside this one, which describes it
 * (what it is called, what values it takes, what stands when nobody asked), and one driver of the same name in
 * packages/node-agent/src/limits, which makes it so. registry.ts lists them; everything else reads the list.
 */
import { z } from "zod";

/** Null: no limit. A list: CPU numbers, ascending, each once. */
export const limitValueSchema = z.union([z.number(), z.array(z.number().int()), z.null()]);
export type LimitValue = z.infer<typeof limitValueSchema>;

/** What the value counts; the console prints and parses by it, with the one units.ts. */
export type LimitUnit =
  | "cores"
  | "weight"
  | "cpus"
  | "bytes"
  | "bitsPerSecond"
  | "bytesPerSecond"
  | "operationsPerSecond"
  | "processes";

/** What a node has a certain amount of, and promises to its VPSs (overcommit.ts). */
export const sharedResourceSchema = z.enum(["cpu", "memory", "disk"]);
export type SharedResource = z.infer<typeof sharedResourceSchema>;

/** The figures of real use that a limit can be held against (metrics/rate.ts; `disk` is the status's). */
export type LimitUse = "cpu" | "memory" | "disk" | "egress" | "ingress" | "pids";

export interface Limit<Schema extends z.ZodType<LimitValue> = z.ZodType<LimitValue>> {
  /** For people: "CPU cores". */
  title: string;
  /** One sentence under the field: what the VPS notices. */
  explanation: string;
  unit: LimitUnit;
  schema: Schema;
  /** What a VPS has when nobody asked for anything else. */
  initial: z.output<Schema>;
  /** Summed over a node's VPSs and held against its policy of over-commit; null: not a share of anything. */
  shares: SharedResource | null;
  /** Null: real use is not measured. */
  use: LimitUse | null;
}

/** Keeps the schema's own type. */
export function limit<Schema extends z.ZodType<LimitValue>>(parts: Limit<Schema>): Limit<Schema> {
  return parts;
}

/** A rate that may be left open. */
export function rateSchema(bounds: { min: number; max: number; minText: string; maxText: string }) {
  return z
    .number()
    .int()
    .min(bounds.min, `must be at least ${bounds.minText}`)
    .max(bounds.max, `must be at most ${bounds.maxText}`)
    .nullable();
}
