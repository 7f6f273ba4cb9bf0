/** Rates for the charts. Live: the last 15 minutes once, then a point a second. Day: what is stored, gaps as nulls. */
import { nodeIdSchema, vpsIdSchema } from "@muster/model/ids";
import { nodeRateSchema, vpsRateSchema } from "@muster/model/metrics/rate";
import { z } from "zod";
import { streamOf } from "./stream.ts";
import { procedure, router } from "./trpc.ts";

function liveOf<Point extends z.ZodType>(point: Point) {
  return z.discriminatedUnion("type", [
    z.object({ type: z.literal("history"), points: z.array(point) }),
    z.object({ type: z.literal("point"), point }),
  ]);
}

function dayOf<Point extends z.ZodType>(point: Point) {
  return z.object({ intervalMs: z.number().int().positive(), points: z.array(point) });
}

const oneNodeSchema = z.object({ nodeId: nodeIdSchema });
const oneVpsSchema = z.object({ vpsId: vpsIdSchema });

export const metricsRouter = router({
  nodeLive: procedure
    .input(oneNodeSchema)
    .output(streamOf(liveOf(nodeRateSchema)))
    .subscription(async function* ({ ctx, input, signal }) {
      yield* ctx.fleet.metrics.nodeLive(input.nodeId, signal ?? ctx.closed);
    }),

  vpsLive: procedure
    .input(oneVpsSchema)
    .output(streamOf(liveOf(vpsRateSchema)))
    .subscription(async function* ({ ctx, input, signal }) {
      yield* ctx.fleet.metrics.vpsLive(input.vpsId, signal ?? ctx.closed);
    }),

  nodeDay: procedure
    .input(oneNodeSchema)
    .output(dayOf(nodeRateSchema))
    .query(({ ctx, input }) => ctx.fleet.metrics.nodeDay(input.nodeId)),

  vpsDay: procedure
    .input(oneVpsSchema)
    .output(dayOf(vpsRateSchema))
    .query(({ ctx, input }) => ctx.fleet.metrics.vpsDay(input.vpsId)),
});
