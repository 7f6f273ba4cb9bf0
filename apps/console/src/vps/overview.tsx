"use client";
import { LIMITS, type LimitName } from "@muster/model/limits/registry";
import { formatBytes } from "@muster/model/units";
import type { Vps } from "@muster/model/vps";
import Link from "next/link";
import { PRIMARY_LIMITS } from "../limits/groups.ts";
import { formatLimit } from "../limits/value.ts";
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
              ...PRIMARY_LIMITS.map((name) => [LIMITS[name].title, limitText(vps, name)] as const),
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

function limitText({ spec, status }: Vps, name: LimitName): string {
  const most = formatLimit(name, spec.limits[name]);
  const used = status?.diskUsedBytes ?? null;
  return LIMITS[name].use === "disk" && used !== null ? `${formatBytes(used)} of ${most} used` : most;
}

/** The server's wish and what the node has reached are two numbers; where they differ, that is said. */
function appliedText({ generation, status }: Vps): string {
  if (status === null) return "not yet";
  return status.appliedGeneration === generation
    ? `yes (generation ${generation})`
    : `generation ${status.appliedGeneration} of ${generation}`;
}
