/** The history as it is listed. Creation gives every limit its first value at once: that is one line, not one for each. Pure. */
import type { LimitValue } from "@muster/model/limits/limit";
import type { LimitName } from "@muster/model/limits/registry";
import type { AllocationChange } from "@muster/model/vps";

export type AllocationRow =
  | { kind: "change"; change: AllocationChange; from: LimitValue }
  | { kind: "first"; change: AllocationChange }
  | { kind: "created"; change: AllocationChange; limits: number };

/** @param only of this limit alone; null: of all. */
export function allocationRows(changes: readonly AllocationChange[], only: LimitName | null): AllocationRow[] {
  const wanted = only === null ? changes : changes.filter((change) => change.limit === only);
  const first = wanted.filter((change) => change.from === undefined);
  const rows = wanted.flatMap((change): AllocationRow[] =>
    change.from === undefined ? [] : [{ kind: "change", change, from: change.from }],
  );
  if (only !== null) return [...rows, ...first.map((change): AllocationRow => ({ kind: "first", change }))];
  const [created] = first;
  return created === undefined ? rows : [...rows, { kind: "created", change: created, limits: first.length }];
}
