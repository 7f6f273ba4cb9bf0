import type { Capability } from "@muster/model/node";
import { SimpleTable } from "../table/simple-table.tsx";
import { Panel } from "../ui/panel.tsx";
import { StateMark } from "../ui/state-mark.tsx";

/** What the node can do; what it cannot stands here with the reason that its agent found. */
export function Capabilities({ capabilities }: { capabilities: readonly Capability[] }) {
  return (
    <Panel title="Capabilities">
      <SimpleTable
        label="Capabilities"
        empty="The agent reported none."
        head={["Capability", "Available", "What was found"]}
        rows={capabilities.map((capability) => ({
          key: capability.name,
          cells: [
            <strong key="name">{capability.name}</strong>,
            <StateMark
              key="available"
              tone={capability.available ? "running" : "failed"}
              label={capability.available ? "yes" : "no"}
            />,
            capability.detail,
          ],
        }))}
      />
    </Panel>
  );
}
