/** Hardware nodes: the list, one node with its inventory, and the token with which a new one joins. */
import { jobIdSchema, nodeIdSchema } from "@muster/model/ids";
import { overcommitSchema } from "@muster/model/limits/overcommit";
import { nodeDetailSchema, nodeSummarySchema, orphanSchema } from "@muster/model/node";
import { z } from "zod";
import { noInputSchema } from "./paging.ts";
import { procedure, router } from "./trpc.ts";

export const nodesRouter = router({
  list: procedure
    .input(noInputSchema)
    .output(z.object({ items: z.array(nodeSummarySchema) }))
    .query(async ({ ctx }) => ({ items: await ctx.fleet.nodes.list() })),

  get: procedure
    .input(z.object({ nodeId: nodeIdSchema }))
    .output(nodeDetailSchema)
    .query(({ ctx, input }) => ctx.fleet.nodes.get(input.nodeId)),

  setOvercommit: procedure
    .input(z.object({ nodeId: nodeIdSchema, overcommit: overcommitSchema }))
    .output(z.void())
    .mutation(({ ctx, input }) => ctx.fleet.nodes.setOvercommit({ ...input, actor: ctx.caller.email })),

  remove: procedure
    .input(z.object({ nodeId: nodeIdSchema, forgetVps: z.boolean() }))
    .output(z.object({ jobId: jobIdSchema }))
    .mutation(({ ctx, input }) => ctx.fleet.nodes.remove({ ...input, actor: ctx.caller.email })),

  orphans: procedure
    .input(noInputSchema)
    .output(z.object({ items: z.array(orphanSchema) }))
    .query(async ({ ctx }) => ({ items: await ctx.fleet.nodes.orphans() })),

  createEnrolmentToken: procedure
    .input(noInputSchema)
    .output(z.object({ token: z.string(), expiresAt: z.iso.datetime(), enrolUrl: z.url() }))
    .mutation(({ ctx }) => ctx.fleet.enrolment.createToken({ actor: ctx.caller.email })),
});
