"use client";
import type { LimitName } from "@muster/model/limits/registry";
import type { Vps } from "@muster/model/vps";
import Link from "next/link";
import { formatLimit } from "../limits/value.ts";
import { paths } from "../paths.ts";
import type { Column } from "../table/data-table.tsx";
import { RelativeTime } from "../ui/relative-time.tsx";
import { SimulatedBadge } from "../ui/simulated-badge.tsx";
import type { VpsAction } from "./action-list.ts";
import type { VpsSort } from "./queries.ts";
import { RowMenu } from "./row-menu.tsx";
import { VpsStateMark } from "./state.tsx";
import classes from "./table.module.css";

type VpsColumn = Column<Vps, VpsSort["field"]>;

function limitCell(name: LimitName): Pick<VpsColumn, "align" | "cell"> {
  return { align: "end", cell: (vps) => formatLimit(name, vps.spec.limits[name]) };
}

export function columnsFor(actionsFor: (vps: Vps) => VpsAction[], withNode: boolean): VpsColumn[] {
  const node: VpsColumn = {
    id: "node",
    header: "Node",
    width: "15%",
    sortField: "node",
    cell: (vps) => (
      <Link prefetch={false} href={paths.node(vps.nodeId)}>
        {vps.nodeName}
      </Link>
    ),
  };
  return [
    { id: "name", header: "Name", sortField: "name", cell: (vps) => <NameCell vps={vps} /> },
    { id: "state", header: "State", width: "120px", sortField: "state", cell: (vps) => <StateCell vps={vps} /> },
    ...(withNode ? [node] : []),
    { id: "address", header: "Address", width: "128px", sortField: "address", cell: (vps) => vps.spec.address },
    { id: "cpu", header: "CPU", width: "92px", sortField: "cpuCores", ...limitCell("cpu.cores") },
    { id: "memory", header: "Memory", width: "98px", sortField: "memoryBytes", ...limitCell("memory.max") },
    { id: "disk", header: "Disk", width: "88px", ...limitCell("disk.max") },
    {
      id: "created",
      header: "Created",
      width: "112px",
      sortField: "createdAt",
      cell: (vps) => <RelativeTime at={vps.createdAt} />,
    },
    {
      id: "actions",
      header: "Actions",
      width: "76px",
      align: "end",
      cell: (vps) => <RowMenu name={vps.spec.name} actions={() => actionsFor(vps)} />,
    },
  ];
}

function NameCell({ vps }: { vps: Vps }) {
  return (
    <span className={classes.name}>
      <Link prefetch={false} className={classes.link} href={paths.vps(vps.id)}>
        {vps.spec.name}
      </Link>
      {vps.simulated && <SimulatedBadge />}
    </span>
  );
}

function StateCell({ vps }: { vps: Vps }) {
  return (
    <span title={vps.stateReason ?? undefined}>
      <VpsStateMark state={vps.state} />
    </span>
  );
}
