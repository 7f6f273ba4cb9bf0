"use client";
import { Stack } from "@mantine/core";
import type { NodeDetail } from "@muster/model/node";
import { formatBytes } from "@muster/model/units";
import { NodeCharts } from "../metrics/node-charts.tsx";
import { Facts } from "../ui/facts.tsx";
import { Freshness, LastHeard } from "../ui/freshness.tsx";
import { Meter } from "../ui/meter.tsx";
import { Panel } from "../ui/panel.tsx";
import { Orphans } from "./orphans.tsx";
import classes from "./overview.module.css";

export function NodeOverview({ node, stale }: { node: NodeDetail; stale: boolean }) {
  return (
    <>
      {node.healthReason !== null && (
        <p role="alert" className={classes.reason}>
          {node.healthReason} Its VPSs may be running all the same.
        </p>
      )}
      {node.orphanCount > 0 && <Orphans nodeId={node.id} />}
      <Freshness stale={stale}>
        <div className={classes.top}>
          <Panel title="Node">
            <Facts
              items={[
                ["Operating system", node.inventory?.operatingSystem ?? "not reported yet"],
                ["Kernel", node.inventory?.kernel ?? "not reported yet"],
                ["CPU", cpuText(node)],
                ["Agent", node.agentVersion ?? "not reported yet"],
                ["Address of the agent", <code key="address">{node.address}</code>],
                ["Heard", stale ? <LastHeard key="heard" observedAt={node.observedAt} /> : "a moment ago"],
              ]}
            />
          </Panel>
          <Panel title="Promised and used">
            <Allocation node={node} />
          </Panel>
        </div>
        <NodeCharts nodeId={node.id} cores={node.cores} />
      </Freshness>
    </>
  );
}

function cpuText({ inventory }: NodeDetail): string {
  if (inventory === null) return "not reported yet";
  const { model, cores } = inventory.cpu;
  return `${cores} × ${model ?? "CPU, model not reported"}`;
}

function Allocation({ node }: { node: NodeDetail }) {
  const pool = node.inventory?.pool ?? null;
  return (
    <Stack gap="md">
      {node.memoryBytes !== null && (
        <Meter
          label="Memory promised to VPSs"
          value={node.memoryAllocatedBytes}
          max={node.memoryBytes}
          text={`${formatBytes(node.memoryAllocatedBytes)} of ${formatBytes(node.memoryBytes)}`}
        />
      )}
      {pool === null ? (
        "It has no storage pool."
      ) : (
        <Meter
          label={`Storage pool (${pool.kind})`}
          value={pool.usedBytes}
          max={pool.sizeBytes}
          text={`${formatBytes(pool.usedBytes)} of ${formatBytes(pool.sizeBytes)}`}
        />
      )}
      <span>
        {node.vpsCount} {node.vpsCount === 1 ? "VPS" : "VPSs"} placed here
      </span>
    </Stack>
  );
}
