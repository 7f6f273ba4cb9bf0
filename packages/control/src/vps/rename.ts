/** A VPS gets another name: taken at once, given to the guest by a job. */
import { MusterError } from "@muster/model/errors";
import type { Vps } from "@muster/model/vps";
import type { DatabaseAccess } from "../database-access.ts";
import type { Fleet, VpsRequest } from "../fleet.ts";
import { newJobId } from "../jobs/job-id.ts";
import { type NewJob, newJob } from "../jobs/store.ts";
import { renameVps } from "../operations/rename-vps.ts";
import type { Runner } from "../operations/runner.ts";
import { checkAllowed, heldBy } from "./allowed.ts";
import { nextGeneration } from "./generation.ts";
import { createRenameStore, nameTaken } from "./rename-store.ts";
import type { VpsStore } from "./store.ts";

export interface RenameOptions {
  access: DatabaseAccess;
  store: Pick<VpsStore, "get">;
  runner: Pick<Runner, "wake">;
}

export function createRename({ access, store, runner }: RenameOptions): Fleet["vps"]["rename"] {
  const names = createRenameStore(access);
  return async ({ vpsId, name, ...asked }) => {
    const vps = await store.get(vpsId);
    checkAllowed(vps, "vps.rename");
    if (vps.spec.name === name) throw new MusterError("invalid_input", `It is called ${name}.`, { field: "name" });
    const job = jobOf(vps, name, asked);
    if (!(await names.take(vps, name, job))) {
      const now = await store.get(vpsId);
      throw now.holdingJob === null && now.generation === vps.generation ? nameTaken(name) : heldBy(now);
    }
    runner.wake();
    return { jobId: job.id };
  };
}

type Asked = Pick<VpsRequest, "actor" | "retryOf">;

function jobOf(vps: Vps, name: string, { actor, retryOf }: Asked): NewJob {
  const { id: vpsId, nodeId, nodeName, epoch, spec } = vps;
  const input = { vpsId, nodeId, epoch, generation: nextGeneration(vps), before: spec, after: { ...spec, name } };
  const about = { id: newJobId(), kind: renameVps.kind, actor, retryOf, nodeId, nodeName };
  return newJob({ ...about, vpsId, vpsName: spec.name, input }, renameVps.steps);
}
