/** Jobs whose input is where the VPS is, and no more. */
import type { Vps } from "@muster/model/vps";
import { newJobId } from "../jobs/job-id.ts";
import { type NewJob, newJob } from "../jobs/store.ts";
import { OPERATIONS } from "../operations/registry.ts";

export type PlacedKind = "vps.start" | "vps.stop" | "vps.restart" | "vps.delete";

export function placedJob({ id: vpsId, nodeId, nodeName, epoch, spec }: Vps, kind: PlacedKind, actor: string): NewJob {
  const about = { id: newJobId(), kind, actor, nodeId, nodeName, vpsId, vpsName: spec.name };
  return newJob({ ...about, input: { vpsId, nodeId, epoch } }, OPERATIONS[kind].steps);
}
