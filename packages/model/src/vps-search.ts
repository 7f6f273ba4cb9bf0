/**
 * What people type to find VPSs: words with AND between them, each narrowed to one property by a prefix
 * ("state:running node:atlas web"). A word without one is a part of the name or of the address. The same everywhere.
 */
const FIELD_OF_PREFIX = { name: "name", node: "node", state: "state", ip: "address" } as const;

export type VpsSearchField = (typeof FIELD_OF_PREFIX)[keyof typeof FIELD_OF_PREFIX] | "any";
export interface VpsSearchTerm {
  field: VpsSearchField;
  /** Lower case, never empty; looked for as it stands, so no character in it has a meaning. */
  text: string;
}

const PREFIXED = /^(name|node|state|ip):(.*)$/;

function termOf(word: string): VpsSearchTerm {
  const [, prefix, text = ""] = PREFIXED.exec(word) ?? [];
  if (prefix === "name" || prefix === "node" || prefix === "state" || prefix === "ip") {
    return { field: FIELD_OF_PREFIX[prefix], text };
  }
  return { field: "any", text: word };
}

/** A prefix with nothing after it ("state:" while somebody still types) narrows nothing. */
export function parseVpsSearch(text: string): VpsSearchTerm[] {
  return text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "")
    .map(termOf)
    .filter((term) => term.text !== "");
}
