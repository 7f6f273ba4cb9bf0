/** A VPS gets another name: taken at once, given to the guest by a job. */
import { Prisma } from "@muster/db/client";
import { MusterError } from "@muster/model/errors";
import type { Vps } from "@muster/model/vps";
import { z } from "zod";
import { type DatabaseAccess, violatedConstraint } from "../database-access.ts";
import type { Fleet } from "../fleet.ts";
import { newJobId } from "../jobs/job-id.ts";
import { insertJobSql, type NewJob, newJob } from "../jobs/store.ts";
import { renameVps } from "../operations/rename-vps.ts";
import type { Runner } from "../operations/runner.ts";
import { checkAllowed, heldBy } from "./allowed.ts";
import type { VpsStore } from "./store.ts";

export interface RenameOptions {
  access: DatabaseAccess;
  store: Pick<VpsStore, "get">;
  runner: Pick<Runner, "wake">;
}

export function createRename({ access, store, runner }: RenameOptions): Fleet["vps"]["rename"] {
  return async ({ vpsId, name, actor }) => {
    const vps = await store.get(vpsId);
    checkAllowed(vps, "vps.rename");
    if (vps.spec.name === name) throw new MusterError("invalid_input", `It is called ${name}.`, { field: "name" });
    const job = jobOf(vps, name, actor);
    const taken = await access
      .read((db) => db.$queryRaw(takeSql(vps, name, job)))
      .catch((error: unknown) => {
        throw violatedConstraint(error, ["vps_name_key"]) === undefined ? error : nameTaken(name, error);
      });
    if (z.array(z.object({ id: z.string() })).parse(taken).length === 0) {
      const now = await store.get(vpsId);
      throw now.holdingJob === null && now.generation === vps.generation ? nameTaken(name) : heldBy(now);
    }
    runner.wake();
    return { jobId: job.id };
  };
}

function jobOf({ id: vpsId, nodeId, nodeName, epoch, generation, spec }: Vps, name: string, actor: string): NewJob {
  const input = { vpsId, nodeId, epoch, generation: generation + 1, before: spec, after: { ...spec, name } };
  const about = { id: newJobId(), kind: renameVps.kind, actor, nodeId, nodeName, vpsId, vpsName: spec.name };
  return newJob({ ...about, input }, renameVps.steps);
}

/** The name that a VPS under renaming had: it may have to be given back. */
export function beingRenamedFrom(name: string): Prisma.Sql {
  return Prisma.sql`
    SELECT v.name FROM vps v JOIN job j ON v.holding_operation = 'vps.rename' AND j.id = v.holding_job_id
    WHERE j.input->'before'->>'name' = ${name}`;
}

function takeSql({ id, generation }: Vps, name: string, job: NewJob): Prisma.Sql {
  return Prisma.sql`
    WITH held AS (
      UPDATE vps SET name = ${name}, generation = ${generation + 1}, holding_job_id = ${job.id},
        holding_operation = 'vps.rename'
      WHERE id = ${id} AND holding_job_id IS NULL AND generation = ${generation}
        AND NOT EXISTS (${beingRenamedFrom(name)})
      RETURNING id),
    ${insertJobSql(job, Prisma.sql`held`)}
    SELECT id FROM held`;
}

export function nameTaken(name: string, cause?: unknown): MusterError {
  return new MusterError("name_taken", `There is a VPS ${name} already.`, { field: "name", cause });
}
