/**
 * How much of a node may be promised: for each shared resource a ratio of what the node has, or nothing beyond it
 * ("off"). Memory and disk that were promised and are not there end in killed processes and failed writes, CPU time
 * only in waiting: so CPU alone is over-committed unless the operator says otherwise.
 */
import { z } from "zod";
import { formatBytes } from "../units.ts";
import type { SharedResource } from "./limit.ts";

const ratioSchema = z.number().gt(1, "must be more than 1").max(64, "must be at most 64").nullable();

/** Null: off. */
export const overcommitSchema = z.object({ cpu: ratioSchema, memory: ratioSchema, disk: ratioSchema });
export type Overcommit = z.infer<typeof overcommitSchema>;

export const DEFAULT_OVERCOMMIT: Overcommit = { cpu: 16, memory: null, disk: null };

/** What a node has for its VPSs, or has promised to them: cores and bytes. */
export const sharesSchema = z.object({
  cpu: z.number().nonnegative(),
  memory: z.number().nonnegative(),
  disk: z.number().nonnegative(),
});
export type Shares = z.infer<typeof sharesSchema>;

/** The most that may be promised under a policy. */
export function promisable(capacity: number, ratio: number | null): number {
  return capacity * (ratio ?? 1);
}

/** "1.5 cores", "2.0 GiB" */
export function formatShare(resource: SharedResource, value: number): string {
  if (resource !== "cpu") return formatBytes(value);
  const cores = Math.round(value * 100) / 100;
  return `${cores} ${cores === 1 ? "core" : "cores"}`;
}
