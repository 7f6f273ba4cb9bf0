/** Taking another name, in PostgreSQL. The unique index keeps the names of now, this file those that may come back. */
import { Prisma } from "@muster/db/client";
import { MusterError } from "@muster/model/errors";
import type { Vps } from "@muster/model/vps";
import { z } from "zod";
import { type DatabaseAccess, violatedConstraint } from "../database-access.ts";
import { insertJobSql, type NewJob } from "../jobs/store.ts";
import { nextGeneration } from "./generation.ts";

/** The name that a VPS under renaming had: it may have to be given back. */
export function beingRenamedFrom(name: string): Prisma.Sql {
  return Prisma.sql`
    SELECT v.name FROM vps v JOIN job j ON v.holding_operation = 'vps.rename' AND j.id = v.holding_job_id
    WHERE j.input->'before'->>'name' = ${name}`;
}

export function createRenameStore(access: DatabaseAccess) {
  return {
    /**
     * Holds the VPS for the job under its new name and writes the job down, both or neither. name_taken
     * @returns false when the VPS is not as given any more, or the name may have to be given back to another.
     */
    async take(vps: Vps, name: string, job: NewJob): Promise<boolean> {
      const { id, generation } = vps;
      const taking = access.read(
        (db) => db.$queryRaw`
          WITH held AS (
            UPDATE vps SET name = ${name}, generation = ${nextGeneration(vps)}, holding_job_id = ${job.id},
              holding_operation = 'vps.rename'
            WHERE id = ${id} AND holding_job_id IS NULL AND generation = ${generation}
              AND NOT EXISTS (${beingRenamedFrom(name)})
            RETURNING id),
          ${insertJobSql(job, Prisma.sql`held`)}
          SELECT id FROM held`,
      );
      const rows = await taking.catch((error: unknown) => {
        throw violatedConstraint(error, ["vps_name_key"]) === undefined ? error : nameTaken(name, error);
      });
      return z.array(z.object({ id: z.string() })).parse(rows).length === 1;
    },
  };
}
export type RenameStore = ReturnType<typeof createRenameStore>;

export function nameTaken(name: string, cause?: unknown): MusterError {
  return new MusterError("name_taken", `There is a VPS ${name} already.`, { field: "name", cause });
}
