/** Jobs: history and progress are the same rows. A watcher that comes back gives its last event id and misses nothing. */

import { jobIdSchema, nodeIdSchema, vpsIdSchema } from "@muster/model/ids";
import { jobKindSchema, jobPageSchema, jobSchema, jobStateSchema } from "@muster/model/job";
import { tracked } from "@trpc/server";
import { z } from "zod";
import { exportFormatSchema, exportJobs } from "./jobs-export.ts";
import { cursorSchema, lastEventIdSchema, limitSchema, noInputSchema } from "./paging.ts";
import { trackedStreamOf } from "./stream.ts";
import { momentSchema, textSchema } from "./text.ts";
import { procedure, router } from "./trpc.ts";

const filterSchema = z.object({
  vpsId: vpsIdSchema.optional(),
  nodeId: nodeIdSchema.optional(),
  kinds: z.array(jobKindSchema).max(jobKindSchema.options.length).optional(),
  states: z.array(jobStateSchema).max(jobStateSchema.options.length).optional(),
  actor: textSchema(200).optional(),
  search: textSchema(100).optional(),
  from: momentSchema.optional(),
  to: momentSchema.optional(),
  active: z.boolean().optional(),
});
const listSchema = filterSchema.extend({ cursor: cursorSchema, limit: limitSchema });
const oneJobSchema = z.object({ jobId: jobIdSchema });

export const jobsRouter = router({
  list: procedure
    .input(listSchema)
    .output(jobPageSchema)
    .query(({ ctx, input }) => ctx.fleet.jobs.list(input)),

  get: procedure
    .input(oneJobSchema)
    .output(jobSchema)
    .query(({ ctx, input }) => ctx.fleet.jobs.get(input.jobId)),

  actors: procedure
    .input(noInputSchema)
    .output(z.object({ items: z.array(z.string()) }))
    .query(async ({ ctx }) => ({ items: await ctx.fleet.jobs.actors() })),

  cancel: procedure
    .input(oneJobSchema)
    .output(z.void())
    .mutation(({ ctx, input }) => ctx.fleet.jobs.cancel({ ...input, actor: ctx.caller.email })),

  retry: procedure
    .input(oneJobSchema)
    .output(oneJobSchema)
    .mutation(({ ctx, input }) => ctx.fleet.jobs.retry({ ...input, actor: ctx.caller.email })),

  export: procedure
    .input(z.object({ filter: filterSchema, format: exportFormatSchema }))
    .output(z.object({ fileName: z.string(), contentType: z.string(), text: z.string(), truncated: z.boolean() }))
    .query(({ ctx, input }) => exportJobs(ctx.fleet.jobs, input)),

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
