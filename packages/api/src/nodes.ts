/** Hardware nodes: the list, one node with its inventory, and the token with which a new one joins. */
import { nodeIdSchema } from "@muster/model/ids";
import { nodeDetailSchema, nodeSummarySchema } from "@muster/model/node";
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

  createEnrolmentToken: procedure
    .input(noInputSchema)
    .output(z.object({ token: z.string(), expiresAt: z.iso.datetime() }))
    .mutation(({ ctx }) => ctx.fleet.enrolment.createToken({ actor: ctx.caller.email })),
});
