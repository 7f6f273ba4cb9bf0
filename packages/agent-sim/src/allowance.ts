/** What the limits of a run let it use, from when on, and what it had used by then: its counters keep to it. */
import { z } from "zod";

export const allowanceSchema = z.object({
  fromMs: z.number(),
  cpuCores: z.number(),
  memoryBytes: z.number(),
  /** Bits per second; null: no limit. */
  egress: z.number().nullable(),
  ingress: z.number().nullable(),
  /** Counted before it began. */
  before: z.object({ rxBytes: z.number(), txBytes: z.number(), cpuUs: z.number() }),
});
export type Allowance = z.infer<typeof allowanceSchema>;
export type Used = Allowance["before"];

export const NOTHING_USED: Used = { rxBytes: 0, txBytes: 0, cpuUs: 0 };
/** Samples are asked of the last quarter of an hour; who changes limits more often finds its older ones flat. */
export const MOST_KEPT = 200;

export function allowanceAt(kept: readonly Allowance[], atMs: number): Allowance | undefined {
  return kept.findLast(({ fromMs }) => fromMs <= atMs) ?? kept[0];
}

export function sameAllowance(one: Allowance, other: Allowance): boolean {
  return (
    one.cpuCores === other.cpuCores &&
    one.memoryBytes === other.memoryBytes &&
    one.egress === other.egress &&
    one.ingress === other.ingress
  );
}
