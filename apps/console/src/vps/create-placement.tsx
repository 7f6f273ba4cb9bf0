"use client";
import { Select, TextInput } from "@mantine/core";
import type { NodeDetail, NodeSummary, Template } from "@muster/model/node";
import type { Chosen, Draft, FieldErrors } from "./create-draft.ts";
import classes from "./create-form.module.css";

export interface CreateFields {
  draft: Draft;
  chosen: Chosen;
  errors: FieldErrors;
  onChange: (change: Partial<Draft>) => void;
  node: NodeDetail | null;
}

interface PlacementFieldsProps extends CreateFields {
  nodes: readonly NodeSummary[];
  templates: readonly Template[];
}

function nodeLabel(node: NodeSummary): string {
  const simulated = node.simulated ? " (simulated)" : "";
  return node.health === "healthy" ? `${node.name}${simulated}` : `${node.name}${simulated}: ${node.health}`;
}

/** Why no VPS can be made on this node, in the words of its agent. */
function missingCapability(node: NodeDetail | null): string | null {
  const vps = node?.inventory?.capabilities.find((capability) => capability.name === "vps");
  return vps === undefined || vps.available ? null : vps.detail;
}

export function PlacementFields({ draft, chosen, errors, onChange, node, nodes, templates }: PlacementFieldsProps) {
  const network = node?.inventory?.network;
  return (
    <div className={classes.grid}>
      <TextInput
        label="Name"
        description="Its host name too: a-z, 0-9 and '-'."
        placeholder="web-1"
        autoComplete="off"
        spellCheck={false}
        data-autofocus
        value={draft.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
        error={errors.name}
      />
      <Select
        label="Node"
        description="Where it runs."
        placeholder="No node has joined"
        data={nodes.map((each) => ({ value: each.id, label: nodeLabel(each), disabled: each.health !== "healthy" }))}
        value={chosen.nodeId}
        onChange={(nodeId) => onChange({ nodeId, address: null })}
        error={errors.nodeId ?? missingCapability(node)}
      />
      <Select
        label="Template"
        description="The read-only image that it begins with."
        placeholder="This node has no template yet"
        data={templates.map((template) => ({ value: template.name, label: template.name }))}
        value={chosen.template}
        onChange={(template) => onChange({ template })}
        error={errors.template}
      />
      <TextInput
        label="Address"
        description={network === undefined ? "Static, in the node's network." : `Static, in ${network.network}.`}
        autoComplete="off"
        spellCheck={false}
        inputMode="decimal"
        value={chosen.address ?? ""}
        onChange={(event) => onChange({ address: event.currentTarget.value })}
        error={errors.address}
      />
    </div>
  );
}
