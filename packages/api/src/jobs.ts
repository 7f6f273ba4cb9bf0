/** Jobs: history and progress are the same rows. A watcher that comes back gives its last event id and misses nothing. */

import { jobIdSchema, nodeIdSchema, vpsIdSchema } from "@muster/model/ids";
import { jobPageSchema, jobSchema } from "@muster/model/job";
import { tracked } from "@trpc/server";
import { z } from "zod";
import { cursorSchema, lastEventIdSchema, limitSchema } from "./paging.ts";
import { trackedStreamOf } from "./stream.ts";
import { procedure, router } from "./trpc.ts";

const listSchema = z.object({
  vpsId: vpsIdSchema.optional(),
  nodeId: nodeIdSchema.optional(),
  active: z.boolean().optional(),
  cursor: cursorSchema,
  limit: limitSchema,
});

export const jobsRouter = router({
  list: procedure
    .input(listSchema)
    .output(jobPageSchema)
    .query(({ ctx, input }) => ctx.fleet.jobs.list(input)),

  get: procedure
    .input(z.object({ jobId: jobIdSchema }))
    .output(jobSchema)
    .query(({ ctx, input }) => ctx.fleet.jobs.get(input.jobId)),

  watch: procedure
    .input(z.object({ lastEventId: lastEventIdSchema }).optional())
    .output(trackedStreamOf(jobSchema))
    .subscription(async function* ({ ctx, input, signal }) {
      const afterEventId = input?.lastEventId ?? null;
      for await (const { id, job } of ctx.fleet.jobs.watch({ afterEventId }, signal ?? ctx.closed)) {
        yield tracked(id, job);
      }
    }),
});
