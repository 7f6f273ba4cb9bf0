/** Whether a job of a kind may begin on a VPS as it is now, by the model's rule table; and the refusal when it may not. */
import { MusterError } from "@muster/model/errors";
import { underWay } from "@muster/model/job-title";
import { type Vps, type VpsOperation, vpsCan } from "@muster/model/vps";

export type ChangeKind = Exclude<VpsOperation, "vps.create" | "vps.adopt">;

const RULE_OF = {
  "vps.start": vpsCan.start,
  "vps.stop": vpsCan.stop,
  "vps.restart": vpsCan.restart,
  "vps.delete": vpsCan.delete,
  "vps.setLimits": vpsCan.setLimits,
  "vps.rename": vpsCan.rename,
} as const satisfies Record<ChangeKind, unknown>;

/** busy, node_unreachable, state_conflict */
export function checkAllowed(vps: Vps, kind: ChangeKind): void {
  if (vps.holdingJob !== null) throw heldBy(vps);
  const permission = RULE_OF[kind](vps);
  if (permission.allowed) return;
  throw new MusterError(vps.state === "unknown" ? "node_unreachable" : "state_conflict", permission.reason);
}

export function heldBy({ holdingJob, spec }: Vps): MusterError {
  if (holdingJob === null) return new MusterError("busy", `Another job was at work on ${spec.name} a moment ago.`);
  return new MusterError("busy", underWay(holdingJob, spec.name));
}

export function gone(): MusterError {
  return new MusterError("not_found", "This VPS does not exist.");
}
