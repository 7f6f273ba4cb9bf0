/** What was typed into the create form, and what of it is wrong. Pure: the form only shows it. */
import type { ErrorCode, ErrorView } from "@muster/model/errors";
import type { SharedResource } from "@muster/model/limits/limit";
import { LIMIT_NAMES, LIMITS, type LimitName } from "@muster/model/limits/registry";
import { limitFinding, type NodeInventory } from "@muster/model/node";
import { type VpsSpec, vpsSpecSchema } from "@muster/model/vps";
import { changeIn, type LimitsDraft, withoutField } from "../limits/draft.ts";

/** `null`: not chosen by the person, so the form's own suggestion stands. Limits that are not touched have their initial values. */
export interface Draft {
  nodeId: string | null;
  name: string;
  template: string | null;
  address: string | null;
  limits: LimitsDraft;
  start: boolean;
}

type PlainField = "nodeId" | Exclude<keyof VpsSpec, "limits">;
export type Field = PlainField | LimitName;
export type FieldErrors = Partial<Record<Field | "form", string>>;

export const EMPTY_DRAFT: Draft = { nodeId: null, name: "", template: null, address: null, limits: {}, start: true };

const PLAIN_FIELDS: readonly PlainField[] = ["nodeId", "name", "template", "address"];
const FIELDS: readonly Field[] = [...PLAIN_FIELDS, ...LIMIT_NAMES];

const limitThatShares = (resource: SharedResource) => LIMIT_NAMES.find((name) => LIMITS[name].shares === resource);

/** Where an error belongs that does not name its field. */
const FIELD_OF_CODE: Partial<Record<ErrorCode, Field | undefined>> = {
  name_taken: "name",
  address_taken: "address",
  address_outside_network: "address",
  pool_full: limitThatShares("disk"),
  template_missing: "template",
  node_unreachable: "nodeId",
  unsupported: "nodeId",
};

export interface Chosen {
  nodeId: string | null;
  template: string | null;
  address: string | null;
}

interface NodeSight {
  inventory: Pick<NodeInventory, "limits"> | null;
}

/** Why a limit cannot be set on the chosen node; null where it can, and while nothing is known of the node. */
export function outOfReach(node: NodeSight | null, name: LimitName): string | null {
  if (node === null) return null;
  const finding = limitFinding(node.inventory, name);
  return finding.available ? null : finding.detail;
}

/** What was typed for a node that could hold it stays in the draft, for the way back to that node. */
function withinReach(limits: LimitsDraft, node: NodeSight | null): LimitsDraft {
  const beyond = LIMIT_NAMES.filter((name) => outOfReach(node, name) !== null);
  return beyond.reduce(withoutField, limits);
}

/**
 * The spec, or what is wrong with each field at once. `chosen`: the draft with the form's suggestions filled in; `node`:
 * the one that is chosen, as far as it is known.
 */
export function specOf(
  draft: Draft,
  chosen: Chosen,
  node: NodeSight | null,
): { spec: VpsSpec } | { errors: FieldErrors } {
  const limits = changeIn(withinReach(draft.limits, node));
  const parsed = vpsSpecSchema.safeParse({
    name: draft.name.trim(),
    template: chosen.template ?? "",
    address: chosen.address?.trim() ?? "",
    limits: limits.change,
  });
  const errors: FieldErrors = { ...limits.errors };
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const field = PLAIN_FIELDS.find((name) => name === issue.path[0]);
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
  const named = error.field?.replace(/^(spec\.)?(limits\.)?/, "");
  const field = FIELDS.find((name) => name === named) ?? FIELD_OF_CODE[error.code];
  if (field === undefined) return { form: error.message };
  const withoutPath = error.field === undefined ? error.message : error.message.replace(`${error.field} `, "");
  return { [field]: sentence(withoutPath) };
}
