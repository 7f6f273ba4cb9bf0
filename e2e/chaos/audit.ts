/**
 * The audit: what the fleet's books say, held against what its callers were promised, against each node's own state, and
 * (of the real node) against this host's own tools. Each finding is a sentence; none is what everybody hopes for.
 */
import type { Job, MusterClient } from "@muster/client";
import { isHeld } from "@muster/model/limits/held";
import { LIMIT_NAMES } from "@muster/model/limits/registry";
import type { Cluster } from "../cluster/cluster.ts";
import type { Stage } from "./callers.ts";
import { allJobs, allVps, type FleetVps } from "./history.ts";
import { hostFindings } from "./host-audit.ts";
import { lastWordFindings } from "./last-word-audit.ts";
import { simulatedFindings } from "./simulated-audit.ts";

const FINAL = new Set(["succeeded", "failed", "cancelled"]);

export interface Audit {
  findings: string[];
  jobs: Record<string, number>;
  vpss: number;
}

export async function audit(cluster: Cluster, stage: Stage, client: MusterClient): Promise<Audit> {
  const [jobs, vpss] = await Promise.all([allJobs(client), allVps(client)]);
  const findings = [
    ...jobFindings(jobs, stage),
    ...lossFindings(jobs, vpss),
    ...doubleFindings(vpss),
    ...lastWordFindings({ jobs, vpss, record: stage.record }),
    ...(await orphanFindings(client)),
    ...(await limitFindings(client, vpss)),
    ...(await simulatedFindings(cluster, vpss)),
    ...(await hostFindings(cluster, stage, vpss)),
  ];
  return { findings, vpss: vpss.length, jobs: tally(jobs) };
}

function tally(jobs: readonly Job[]): Record<string, number> {
  const figures: Record<string, number> = {};
  for (const { state } of jobs) figures[state] = (figures[state] ?? 0) + 1;
  return figures;
}

function jobFindings(jobs: readonly Job[], { record }: Stage): string[] {
  const known = new Set(jobs.map(({ id }) => id));
  const lost = [...record.promised].filter(([jobId]) => !known.has(jobId));
  const unended = jobs.filter(({ state }) => !FINAL.has(state));
  const unexplained = jobs.filter(
    ({ state, error }) => state === "failed" && (error === null || error.code === "internal"),
  );
  const halted = jobs.filter(
    ({ steps, endedAt }) => endedAt !== null && steps.some(({ state }) => state === "running"),
  );
  return [
    ...lost.map(([jobId, type]) => `job ${jobId} (${type}) was promised and is in no history`),
    ...unended.map(({ id, kind, state, error }) => `job ${id} (${kind}) is ${state}: ${error?.message}`),
    ...unexplained.map(({ id, kind, error }) => `job ${id} (${kind}) failed without a reason: ${error?.message}`),
    ...halted.map(({ id, kind }) => `job ${id} (${kind}) has ended with a step that runs`),
  ];
}

/** A VPS that was made and not deleted is there; one that was deleted, or never made, is not; and nothing holds it. */
function lossFindings(jobs: readonly Job[], vpss: readonly FleetVps[]): string[] {
  const succeeded = (kind: Job["kind"]) =>
    new Set(jobs.filter((job) => job.kind === kind && job.state === "succeeded").map(({ vpsId }) => vpsId));
  const [made, deleted] = [succeeded("vps.create"), succeeded("vps.delete")];
  const there = new Set(vpss.map(({ id }) => id));
  return [
    ...[...made].filter((id) => id !== null && !deleted.has(id) && !there.has(id)).map((id) => `VPS ${id} is lost`),
    ...[...deleted].filter((id) => id !== null && there.has(id)).map((id) => `VPS ${id} was deleted and is there`),
    ...[...there].filter((id) => !made.has(id)).map((id) => `VPS ${id} is there, and its create did not succeed`),
    ...vpss
      .filter(({ holdingJob }) => holdingJob !== null)
      .map(({ id, holdingJob }) => `VPS ${id} is still held by job ${holdingJob?.jobId} (${holdingJob?.operation})`),
  ];
}

function doubleFindings(vpss: readonly FleetVps[]): string[] {
  const twice = (what: string, values: readonly string[]) =>
    values.filter((value, index) => values.indexOf(value) !== index).map((value) => `${what} ${value} is there twice`);
  return [
    ...twice(
      "id",
      vpss.map(({ id }) => id),
    ),
    ...twice(
      "name",
      vpss.map(({ spec }) => spec.name),
    ),
    ...twice(
      "address",
      vpss.map(({ spec }) => spec.address),
    ),
  ];
}

async function orphanFindings(client: MusterClient): Promise<string[]> {
  const { items } = await client.nodes.orphans.query();
  return items.map(({ vpsId, nodeName }) => `VPS ${vpsId} is on ${nodeName} and in no inventory`);
}

/** The spec, the history's last word, and what the node's kernel says when it is read back, are the same. */
async function limitFindings(client: MusterClient, vpss: readonly FleetVps[]): Promise<string[]> {
  const findings = await Promise.all(
    vpss.map(async ({ id: vpsId, spec }) => {
      const [kernel, { items }] = await Promise.all([
        client.vps.readLimits.query({ vpsId }),
        client.vps.allocations.query({ vpsId }),
      ]);
      const latest = new Map(items.toReversed().map(({ limit, to }) => [limit, to])); // newest first as it comes
      const wanted = LIMIT_NAMES.map((name) => [name, spec.limits[name]] as const);
      return [
        ...wanted
          .filter(([name, value]) => !isHeld(name, kernel[name] === undefined ? value : kernel[name], value))
          .map(([name, value]) => `${name} of VPS ${vpsId} is ${kernel[name]} in the kernel, and should be ${value}`),
        ...wanted
          .filter(([name, value]) => JSON.stringify(mapGet(latest, name)) !== JSON.stringify(value))
          .map(
            ([name, value]) => `${name} of VPS ${vpsId} is ${value}, and its history ends with ${mapGet(latest, name)}`,
          ),
      ];
    }),
  );
  return findings.flat();
}

const mapGet = (map: ReadonlyMap<string, unknown>, name: string): unknown => map.get(name);
