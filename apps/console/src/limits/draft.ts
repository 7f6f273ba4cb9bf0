/** What was typed into the fields of limits, what it means, and what is wrong with it. Pure: the fields only show it. */

import type { ErrorView } from "@muster/model/errors";
import { formatCpus, parseCpus } from "@muster/model/limits/cpu-pinning";
import type { LimitValue } from "@muster/model/limits/limit";
import {
  LIMIT_NAMES,
  LIMITS,
  type LimitName,
  type Limits,
  type LimitsChange,
  limitsChangeSchema,
} from "@muster/model/limits/registry";
import { scaleFor, scalesOf } from "./value.ts";

/** One field as it stands. `open`: left open, whatever the amount says. */
export interface FieldDraft {
  amount: number | string;
  /** The label of its scale: "MiB". */
  scale: string;
  open: boolean;
}

/** Only what somebody has touched; every other field shows the value that holds. */
export type LimitsDraft = { readonly [Name in LimitName]?: FieldDraft };
export type LimitErrors = { readonly [Name in LimitName]?: string };

export function fieldOf(name: LimitName, value: LimitValue): FieldDraft {
  const smallest = scalesOf(name)[0]?.label ?? "";
  if (value === null) return { amount: "", scale: scalesOf(name)[1]?.label ?? smallest, open: true };
  if (typeof value !== "number") return { amount: formatCpus(value), scale: smallest, open: false };
  const scale = scaleFor(name, value);
  return { amount: value / (scale?.factor ?? 1), scale: scale?.label ?? smallest, open: false };
}

export function withField(draft: LimitsDraft, name: LimitName, field: FieldDraft): LimitsDraft {
  return { ...draft, [name]: field };
}

export function withoutField(draft: LimitsDraft, name: LimitName): LimitsDraft {
  return Object.fromEntries(Object.entries(draft).filter(([each]) => each !== name));
}

/** NaN where there is no value in it: the schema then says that one must be given. */
function valueTyped(name: LimitName, field: FieldDraft): LimitValue {
  if (field.open) return null;
  if (LIMITS[name].unit === "cpus") return parseCpus(String(field.amount)) ?? Number.NaN;
  if (typeof field.amount !== "number") return Number.NaN;
  const factor = scalesOf(name).find(({ label }) => label === field.scale)?.factor ?? 1;
  return factor === 1 ? field.amount : Math.round(field.amount * factor);
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;
}

function errorIn(name: LimitName, value: LimitValue): string | null {
  if (LIMITS[name].unit === "cpus" && typeof value === "number") return "Must be a list of CPUs, such as 0-2,5.";
  if (Number.isNaN(value)) return "Must be given.";
  const parsed = LIMITS[name].schema.safeParse(value);
  const [issue] = parsed.error?.issues ?? [];
  return issue === undefined ? null : sentence(issue.message);
}

/** The touched fields as a change, or what is wrong with each of them. */
export function changeIn(draft: LimitsDraft): { change: LimitsChange; errors: LimitErrors } {
  const change: Record<string, LimitValue> = {};
  const errors: Record<string, string> = {};
  for (const name of LIMIT_NAMES) {
    const field = draft[name];
    if (field === undefined) continue;
    const value = valueTyped(name, field);
    const error = errorIn(name, value);
    if (error === null) change[name] = value;
    else errors[name] = error;
  }
  return { change: limitsChangeSchema.parse(change), errors };
}

/** Of a change, what differs from what holds. */
export function differing(change: LimitsChange, limits: Limits): LimitsChange {
  const differs = LIMIT_NAMES.filter(
    (name) => change[name] !== undefined && JSON.stringify(change[name]) !== JSON.stringify(limits[name]),
  );
  return limitsChangeSchema.parse(Object.fromEntries(differs.map((name) => [name, change[name]])));
}

export function namesIn(change: LimitsChange): LimitName[] {
  return LIMIT_NAMES.filter((name) => change[name] !== undefined);
}

/** The limit that a refusal is about; null where it names none. */
export function limitAtFault(error: ErrorView): LimitName | null {
  const named = error.field?.replace(/^(spec\.)?(limits\.)?/, "");
  return LIMIT_NAMES.find((name) => name === named) ?? null;
}

/** What several VPSs have in common: the value that all of them hold, else an empty field. */
export function commonField(name: LimitName, all: readonly Limits[]): FieldDraft {
  const [first] = all;
  const same = first !== undefined && all.every((each) => JSON.stringify(each[name]) === JSON.stringify(first[name]));
  if (same) return fieldOf(name, first[name]);
  return { ...fieldOf(name, LIMITS[name].initial), amount: "", open: false };
}
