import { LIMIT_NAMES, LIMITS } from "@muster/model/limits/registry";
import { limitFinding, type NodeInventory } from "@muster/model/node";
import { SimpleTable } from "../table/simple-table.tsx";
import { Panel } from "../ui/panel.tsx";
import { StateMark } from "../ui/state-mark.tsx";

/** Which limits the node can hold; what it cannot stands here with the reason that its driver found. */
export function LimitFindings({ inventory }: { inventory: NodeInventory }) {
  return (
    <Panel title="Limits that can be changed while a VPS runs">
      <SimpleTable
        label="Limits"
        empty="No limit is known."
        head={["Limit", "Available", "What was found"]}
        rows={LIMIT_NAMES.map((name) => {
          const { available, detail } = limitFinding(inventory, name);
          return {
            key: name,
            cells: [
              <strong key="name">{LIMITS[name].title}</strong>,
              <StateMark key="available" tone={available ? "running" : "failed"} label={available ? "yes" : "no"} />,
              detail,
            ],
          };
        })}
      />
    </Panel>
  );
}
