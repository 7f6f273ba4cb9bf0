/** What was typed into the create form, and what of it is wrong. Pure: the form only shows it. */
import type { ErrorCode, ErrorView } from "@muster/model/errors";
import { GIB, MIB } from "@muster/model/units";
import { type VpsSpec, vpsSpecSchema } from "@muster/model/vps";

/** `null`: not chosen by the person, so the form's own suggestion stands. */
export interface Draft {
  nodeId: string | null;
  name: string;
  template: string | null;
  address: string | null;
  cpuCores: number | string;
  memoryMib: number | string;
  diskGib: number | string;
  pidsMax: number | string;
  start: boolean;
}

export type Field = "nodeId" | keyof VpsSpec;
export type FieldErrors = Partial<Record<Field | "form", string>>;

export const EMPTY_DRAFT: Draft = {
  nodeId: null,
  name: "",
  template: null,
  address: null,
  cpuCores: 1,
  memoryMib: 256,
  diskGib: 1,
  pidsMax: 512,
  start: true,
};

const FIELDS: readonly Field[] = [
  "nodeId",
  "name",
  "template",
  "address",
  "cpuCores",
  "memoryBytes",
  "diskBytes",
  "pidsMax",
];

/** Where an error belongs that does not name its field. */
const FIELD_OF_CODE: Partial<Record<ErrorCode, Field>> = {
  name_taken: "name",
  address_taken: "address",
  address_outside_network: "address",
  insufficient_memory: "memoryBytes",
  pool_full: "diskBytes",
  template_missing: "template",
  node_unreachable: "nodeId",
  unsupported: "nodeId",
};

/** An empty number field holds "": it is missing, not zero. */
function scaledBy(value: number | string, unit: number): number {
  return typeof value === "number" ? Math.round(value * unit) : Number.NaN;
}

export interface Chosen {
  nodeId: string | null;
  template: string | null;
  address: string | null;
}

/** The spec, or what is wrong with each field at once. `chosen`: the draft with the form's suggestions filled in. */
export function specOf(draft: Draft, chosen: Chosen): { spec: VpsSpec } | { errors: FieldErrors } {
  const parsed = vpsSpecSchema.safeParse({
    name: draft.name.trim(),
    template: chosen.template ?? "",
    address: chosen.address?.trim() ?? "",
    cpuCores: typeof draft.cpuCores === "number" ? draft.cpuCores : Number.NaN,
    memoryBytes: scaledBy(draft.memoryMib, MIB),
    diskBytes: scaledBy(draft.diskGib, GIB),
    pidsMax: scaledBy(draft.pidsMax, 1),
  });
  const errors: FieldErrors = {};
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const field = FIELDS.find((name) => name === issue.path[0]);
      if (field !== undefined)
        errors[field] ??= sentence(issue.code === "invalid_type" ? "must be given" : issue.message);
    }
  }
  if (chosen.template === null) errors.template = "Choose a template.";
  if (chosen.nodeId === null) errors.nodeId = "Choose a node.";
  if (parsed.success && Object.keys(errors).length === 0) return { spec: parsed.data };
  return { errors };
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;
}

/** The API's refusal, beside the field at fault where there is one. */
export function errorsOf(error: ErrorView): FieldErrors {
  const named = error.field?.replace(/^spec\./, "");
  const field = FIELDS.find((name) => name === named) ?? FIELD_OF_CODE[error.code];
  if (field === undefined) return { form: error.message };
  const withoutPath = error.field === undefined ? error.message : error.message.replace(`${error.field} `, "");
  return { [field]: sentence(withoutPath) };
}
