/** A row of the table `vps` with what of its node belongs to it, and how it becomes the model's value. */
import { limitsSchema } from "@muster/model/limits/registry";
import { nodeHealth } from "@muster/model/node";
import { type PlacementStatus, type Vps, type VpsState, vpsSchema, vpsState } from "@muster/model/vps";
import { z } from "zod";

/** PostgreSQL's bigint arrives as a JavaScript BigInt; every one of ours is a count below 2^53. */
const count = z.union([z.bigint(), z.number(), z.string()]).transform(Number);
const moment = z.date();

export const vpsRowSchema = z.object({
  id: z.string(),
  node_id: z.string(),
  node_name: z.string(),
  simulated: z.boolean(),
  heard_at: moment.nullable(),
  silent_reason: z.string().nullable(),
  name: z.string(),
  template: z.string(),
  address: z.string(),
  mac: z.string(),
  limits: limitsSchema,
  generation: z.number(),
  epoch: z.number(),
  holding_job_id: z.string().nullable(),
  holding_operation: vpsSchema.shape.holdingJob.unwrap().shape.operation.nullable(),
  status_seq: count.nullable(),
  status_epoch: z.number().nullable(),
  applied_generation: z.number().nullable(),
  placement_state: vpsSchema.shape.status.unwrap().shape.state.nullable(),
  status_reason: z.string().nullable(),
  started_at: moment.nullable(),
  disk_used_bytes: count.nullable(),
  observed_at: moment.nullable(),
  created_at: moment,
});
export type VpsRow = z.infer<typeof vpsRowSchema>;

function statusOf(row: VpsRow): PlacementStatus | null {
  if (row.status_seq === null || row.placement_state === null || row.observed_at === null) return null;
  return {
    vpsId: row.id,
    statusSeq: row.status_seq,
    epoch: row.status_epoch ?? row.epoch,
    appliedGeneration: row.applied_generation ?? 0,
    state: row.placement_state,
    reason: row.status_reason,
    startedAtMs: row.started_at?.getTime() ?? null,
    diskUsedBytes: row.disk_used_bytes,
    observedAtMs: row.observed_at.getTime(),
  };
}

export function shownState(
  row: Pick<VpsRow, "holding_operation" | "placement_state" | "heard_at">,
  nowMs: number,
): VpsState {
  return vpsState({
    operation: row.holding_operation,
    placement: row.placement_state,
    nodeHeard: nodeHealth(row.heard_at?.getTime() ?? null, nowMs) === "healthy",
  });
}

function reasonOf(row: VpsRow, state: VpsState): string | null {
  if (state === "unknown") return row.silent_reason ?? "Its node has not been heard of lately.";
  if (state !== "failed") return null;
  return row.status_reason ?? "Its node does not have it.";
}

export function toVps(row: VpsRow, nowMs: number): Vps {
  const state = shownState(row, nowMs);
  const { holding_job_id: jobId, holding_operation: operation } = row;
  return {
    id: row.id,
    nodeId: row.node_id,
    nodeName: row.node_name,
    simulated: row.simulated,
    spec: {
      name: row.name,
      template: row.template,
      address: row.address,
      limits: row.limits,
    },
    mac: row.mac,
    generation: row.generation,
    epoch: row.epoch,
    state,
    stateReason: reasonOf(row, state),
    status: statusOf(row),
    holdingJob: jobId === null || operation === null ? null : { jobId, operation },
    createdAt: row.created_at.toISOString(),
  };
}
