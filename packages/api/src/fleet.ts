/** The tree on the left: every node with its VPSs, and a stream that says when to read it again. */
import { ipv4Schema } from "@muster/model/address";
import { nodeIdSchema, vpsIdSchema } from "@muster/model/ids";
import { nodeSummarySchema } from "@muster/model/node";
import { vpsNameSchema, vpsStateSchema } from "@muster/model/vps";
import { tracked } from "@trpc/server";
import { z } from "zod";
import { lastEventIdSchema, noInputSchema } from "./paging.ts";
import { trackedStreamOf } from "./stream.ts";
import { procedure, router } from "./trpc.ts";

const treeVpsSchema = z.object({ id: vpsIdSchema, name: vpsNameSchema, state: vpsStateSchema, address: ipv4Schema });

/** `vps` has at most 500 of a node's; `vpsTotal` says how many there are. */
const treeSchema = z.object({
  nodes: z.array(
    z.object({ node: nodeSummarySchema, vps: z.array(treeVpsSchema), vpsTotal: z.number().int().nonnegative() }),
  ),
});

const changeSchema = z.object({ nodeId: nodeIdSchema, vpsId: vpsIdSchema.nullable() });

export const fleetRouter = router({
  tree: procedure
    .input(noInputSchema)
    .output(treeSchema)
    .query(({ ctx }) => ctx.fleet.tree()),

  watch: procedure
    .input(z.object({ lastEventId: lastEventIdSchema }).optional())
    .output(trackedStreamOf(changeSchema))
    .subscription(async function* ({ ctx, signal }) {
      for await (const { id, nodeId, vpsId } of ctx.fleet.watch(signal ?? ctx.closed)) {
        yield tracked(id, { nodeId, vpsId });
      }
    }),
});
