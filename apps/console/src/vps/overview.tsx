"use client";
import { formatBytes } from "@muster/model/units";
import type { Vps } from "@muster/model/vps";
import Link from "next/link";
import { VpsCharts } from "../metrics/vps-charts.tsx";
import { paths } from "../paths.ts";
import { Facts } from "../ui/facts.tsx";
import { Freshness } from "../ui/freshness.tsx";
import { Panel } from "../ui/panel.tsx";
import { RelativeTime } from "../ui/relative-time.tsx";
import classes from "./overview.module.css";

export function VpsOverview({ vps }: { vps: Vps }) {
  const { spec, status } = vps;
  return (
    <>
      {vps.stateReason !== null && (
        <p role="alert" className={classes.reason} data-state={vps.state}>
          {vps.stateReason}
        </p>
      )}
      <Freshness stale={vps.state === "unknown"}>
        <Panel title="Status">
          <Facts
            items={[
              [
                "Running since",
                status?.startedAtMs ? <RelativeTime key="started" at={status.startedAtMs} /> : "not running",
              ],
              ["Address", <code key="address">{spec.address}</code>],
              ["MAC", <code key="mac">{vps.mac}</code>],
              ["Template", spec.template],
              [
                "Node",
                <Link key="node" prefetch={false} href={paths.node(vps.nodeId)}>
                  {vps.nodeName}
                </Link>,
              ],
              ["CPU", `${spec.cpuCores} ${spec.cpuCores === 1 ? "core" : "cores"}`],
              ["Memory", formatBytes(spec.memoryBytes)],
              ["Disk", diskText(vps)],
              ["Created", <RelativeTime key="created" at={vps.createdAt} />],
              ["Spec applied", appliedText(vps)],
              ["Id", <code key="id">{vps.id}</code>],
            ]}
          />
        </Panel>
        <VpsCharts vps={vps} />
      </Freshness>
    </>
  );
}

function diskText({ spec, status }: Vps): string {
  const used = status?.diskUsedBytes ?? null;
  return used === null ? formatBytes(spec.diskBytes) : `${formatBytes(used)} of ${formatBytes(spec.diskBytes)} used`;
}

/** The server's wish and what the node has reached are two numbers; where they differ, that is said. */
function appliedText({ generation, status }: Vps): string {
  if (status === null) return "not yet";
  return status.appliedGeneration === generation
    ? `yes (generation ${generation})`
    : `generation ${status.appliedGeneration} of ${generation}`;
}
