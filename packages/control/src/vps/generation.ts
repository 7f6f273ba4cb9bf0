import type { Vps } from "@muster/model/vps";

/**
 * Of the spec that a change makes. A node may be ahead of the inventory: it has applied a taking back that it could not
 * answer for, or the database is of yesterday; what is not newer than what it has, it refuses as old.
 */
export function nextGeneration({ generation, status }: Vps): number {
  return Math.max(generation, status?.appliedGeneration ?? 0) + 1;
}
