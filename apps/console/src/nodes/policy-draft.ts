/** What was typed into the policy of over-commit, and what of it is wrong. Pure: the panel only shows it. */
import type { SharedResource } from "@muster/model/limits/limit";
import { type Overcommit, overcommitSchema } from "@muster/model/limits/overcommit";

export const RESOURCES = ["cpu", "memory", "disk"] as const satisfies readonly SharedResource[];

/** `ratio` is kept while it is off, so that switching off and on again loses nothing. */
export type PolicyDraft = Record<SharedResource, { on: boolean; ratio: number | string }>;
export type PolicyErrors = Partial<Record<SharedResource, string>>;

/** What a resource that was off begins with: a little more than there is. */
const FIRST_RATIO = 1.5;

export function draftOf(overcommit: Overcommit): PolicyDraft {
  const one = (ratio: number | null) => ({ on: ratio !== null, ratio: ratio ?? FIRST_RATIO });
  return { cpu: one(overcommit.cpu), memory: one(overcommit.memory), disk: one(overcommit.disk) };
}

export function policyOf(draft: PolicyDraft): { overcommit: Overcommit } | { errors: PolicyErrors } {
  const ratio = (resource: SharedResource) => {
    const { on, ratio: typed } = draft[resource];
    if (!on) return null;
    return typeof typed === "number" ? typed : Number.NaN; // an empty number field holds ""
  };
  const parsed = overcommitSchema.safeParse({ cpu: ratio("cpu"), memory: ratio("memory"), disk: ratio("disk") });
  if (parsed.success) return { overcommit: parsed.data };
  const errors: PolicyErrors = {};
  for (const issue of parsed.error.issues) {
    const resource = RESOURCES.find((name) => name === issue.path[0]);
    const text = issue.code === "invalid_type" ? "must be given" : issue.message;
    if (resource !== undefined) errors[resource] ??= `It ${text}.`;
  }
  return { errors };
}

/** The ratio that the draft means as it stands, for the figures beside it; null where it makes no sense yet. */
export function ratioOf({ on, ratio }: PolicyDraft[SharedResource]): number | null {
  return on && typeof ratio === "number" && ratio > 1 ? ratio : null;
}

export function isChanged(draft: PolicyDraft, overcommit: Overcommit): boolean {
  return RESOURCES.some((resource) => {
    const { on, ratio } = draft[resource];
    return on ? ratio !== overcommit[resource] : overcommit[resource] !== null;
  });
}
