/** The job of a change of limits, as it is written down with the reservation. */
import { newJobId } from "../jobs/job-id.ts";
import { type NewJob, newJob } from "../jobs/store.ts";
import { setLimits } from "../operations/set-limits.ts";
import type { ReservedChange } from "./change-store.ts";

export function limitsJob({ vps, after, generation, asked }: ReservedChange): NewJob {
  const { id: vpsId, nodeId, nodeName, epoch, spec: before } = vps;
  const input = { vpsId, nodeId, epoch, generation, before, after, until: asked.until };
  const about = { id: newJobId(), kind: setLimits.kind, actor: asked.actor, retryOf: asked.retryOf };
  return newJob({ ...about, nodeId, nodeName, vpsId, vpsName: before.name, input }, setLimits.steps);
}
