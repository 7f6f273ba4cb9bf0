import type { NodeInventory } from "@muster/model/node";
import { formatBytes } from "@muster/model/units";
import { SimpleTable } from "../table/simple-table.tsx";
import { Facts, NotReported } from "../ui/facts.tsx";
import { Panel } from "../ui/panel.tsx";
import classes from "./inventory.module.css";

function orNotReported(value: string | number | null) {
  return value ?? <NotReported />;
}

export function Inventory({ inventory }: { inventory: NodeInventory }) {
  const { cpu, network, pool } = inventory;
  return (
    <>
      <Panel title="System">
        <Facts
          items={[
            ["Host name", inventory.hostname],
            ["Operating system", inventory.operatingSystem],
            ["Kernel", inventory.kernel],
            ["Architecture", inventory.architecture],
            ["cgroups", inventory.cgroupLayout],
            ["Memory", formatBytes(inventory.memoryBytes)],
            ["Swap", inventory.swapBytes === 0 ? "none" : formatBytes(inventory.swapBytes)],
            ["Boot id", <code key="boot">{inventory.bootId}</code>],
          ]}
        />
      </Panel>
      <Panel title="CPU">
        <Facts
          items={[
            ["Model", orNotReported(cpu.model)],
            ["Cores", cpu.cores],
            ["Sockets", orNotReported(cpu.sockets)],
            ["Clock", cpu.mhz === null ? <NotReported key="mhz" /> : `${Math.round(cpu.mhz)} MHz`],
          ]}
        />
        <details className={classes.flags}>
          <summary>{cpu.flags.length} CPU flags</summary>
          <code>{cpu.flags.join(" ")}</code>
        </details>
      </Panel>
      <Panel title="Network of the VPSs and storage pool">
        <Facts
          items={[
            ["Bridge", network.bridge],
            ["Network", network.network],
            ["Gateway", network.gateway],
            ["Pool", pool === null ? "none" : `${pool.kind}, ${formatBytes(pool.sizeBytes)}`],
          ]}
        />
      </Panel>
      <Panel title="Disks">
        <SimpleTable
          label="Disks"
          empty="No disk was found."
          head={["Name", "Model", "Size", "Kind", "Access"]}
          rows={inventory.disks.map((disk) => ({
            key: disk.name,
            cells: [
              disk.name,
              orNotReported(disk.model),
              formatBytes(disk.sizeBytes),
              diskKind(disk.rotational),
              disk.readOnly ? "read-only" : "read and write",
            ],
          }))}
        />
      </Panel>
    </>
  );
}

function diskKind(rotational: boolean | null) {
  if (rotational === null) return <NotReported />;
  return rotational ? "rotating" : "solid state";
}
