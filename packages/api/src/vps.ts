/** VPSs: what there is, and every action on one. An action answers at once with the job that carries it out. */
import { ipv4Schema } from "@muster/model/address";
import { errorViewSchema } from "@muster/model/errors";
import { jobIdSchema, nodeIdSchema, vpsIdSchema } from "@muster/model/ids";
import { limitsPreviewSchema } from "@muster/model/limits/preview";
import { LIMIT_NAMES, limitNameSchema, limitsChangeSchema } from "@muster/model/limits/registry";
import {
  allocationChangeSchema,
  notSetBackSchema,
  timedChangeSchema,
  vpsNameSchema,
  vpsPageSchema,
  vpsSchema,
  vpsSpecSchema,
} from "@muster/model/vps";
import { z } from "zod";
import { cursorSchema, limitSchema } from "./paging.ts";
import { momentSchema, textSchema } from "./text.ts";
import { procedure, router } from "./trpc.ts";

const oneVpsSchema = z.object({ vpsId: vpsIdSchema });
const startedJobSchema = z.object({ jobId: jobIdSchema });

const listSchema = z.object({
  nodeId: nodeIdSchema.optional(),
  search: textSchema(200).optional(),
  sort: z
    .object({
      field: z.enum(["name", "state", "node", "address", "memoryBytes", "cpuCores", "createdAt"]),
      direction: z.enum(["asc", "desc"]),
    })
    .optional(),
  cursor: cursorSchema,
  limit: limitSchema,
});

const createSchema = z.object({ nodeId: nodeIdSchema, spec: vpsSpecSchema, start: z.boolean().default(true) });

/** A form shows what it changes row by row; more rows than this are asked for in parts. */
const BULK_MAX = 500;
const severalVpsSchema = z.object({ vpsIds: z.array(vpsIdSchema).min(1).max(BULK_MAX) });
const limitsUntilSchema = z.object({ limits: limitsChangeSchema, until: momentSchema.optional() });
const bulkActionSchema = z.discriminatedUnion("type", [
  z.object({ type: z.enum(["start", "stop", "restart", "delete"]) }),
  limitsUntilSchema.extend({ type: z.literal("setLimits") }),
]);
const bulkResultSchema = z.union([
  startedJobSchema.extend({ vpsId: vpsIdSchema }),
  z.object({ vpsId: vpsIdSchema, error: errorViewSchema }),
]);

/** An argument vector, never a shell line. */
const execSchema = oneVpsSchema.extend({
  argv: z.array(textSchema(4096)).min(1).max(64),
  timeoutMs: z.number().int().min(1).max(60_000),
});
const execResultSchema = z.object({
  exitCode: z.number().int(),
  stdout: z.string(),
  stderr: z.string(),
  truncated: z.boolean(),
});

export const vpsRouter = router({
  list: procedure
    .input(listSchema)
    .output(vpsPageSchema)
    .query(({ ctx, input }) => ctx.fleet.vps.list(input)),

  get: procedure
    .input(oneVpsSchema)
    .output(vpsSchema)
    .query(({ ctx, input }) => ctx.fleet.vps.get(input.vpsId)),

  suggestAddress: procedure
    .input(z.object({ nodeId: nodeIdSchema }))
    .output(z.object({ address: ipv4Schema.nullable() }))
    .query(async ({ ctx, input }) => ({ address: await ctx.fleet.vps.suggestAddress(input.nodeId) })),

  create: procedure
    .input(createSchema)
    .output(startedJobSchema.extend({ vpsId: vpsIdSchema }))
    .mutation(({ ctx, input }) => ctx.fleet.vps.create({ ...input, actor: ctx.caller.email })),

  start: procedure
    .input(oneVpsSchema)
    .output(startedJobSchema)
    .mutation(({ ctx, input }) => ctx.fleet.vps.start({ ...input, actor: ctx.caller.email })),

  stop: procedure
    .input(oneVpsSchema)
    .output(startedJobSchema)
    .mutation(({ ctx, input }) => ctx.fleet.vps.stop({ ...input, actor: ctx.caller.email })),

  restart: procedure
    .input(oneVpsSchema)
    .output(startedJobSchema)
    .mutation(({ ctx, input }) => ctx.fleet.vps.restart({ ...input, actor: ctx.caller.email })),

  delete: procedure
    .input(oneVpsSchema)
    .output(startedJobSchema)
    .mutation(({ ctx, input }) => ctx.fleet.vps.delete({ ...input, actor: ctx.caller.email })),

  setLimits: procedure
    .input(oneVpsSchema.extend(limitsUntilSchema.shape))
    .output(startedJobSchema)
    .mutation(({ ctx, input }) => ctx.fleet.vps.setLimits({ ...input, actor: ctx.caller.email })),

  rename: procedure
    .input(oneVpsSchema.extend({ name: vpsNameSchema }))
    .output(startedJobSchema)
    .mutation(({ ctx, input }) => ctx.fleet.vps.rename({ ...input, actor: ctx.caller.email })),

  bulk: procedure
    .input(severalVpsSchema.extend({ action: bulkActionSchema }))
    .output(z.object({ results: z.array(bulkResultSchema) }))
    .mutation(async ({ ctx, input }) => ({
      results: await ctx.fleet.vps.bulk({ ...input, actor: ctx.caller.email }),
    })),

  previewLimits: procedure
    .input(severalVpsSchema.extend({ limits: limitsChangeSchema }))
    .output(limitsPreviewSchema)
    .query(({ ctx, input }) => ctx.fleet.vps.previewLimits(input)),

  readLimits: procedure
    .input(oneVpsSchema.extend({ names: z.array(limitNameSchema).min(1).max(LIMIT_NAMES.length).optional() }))
    .output(limitsChangeSchema)
    .query(({ ctx, input }) => ctx.fleet.vps.readLimits(input.vpsId, input.names)),

  timedChanges: procedure
    .input(oneVpsSchema)
    .output(z.object({ items: z.array(timedChangeSchema) }))
    .query(async ({ ctx, input }) => ({ items: await ctx.fleet.vps.timedChanges(input.vpsId) })),

  notSetBack: procedure
    .input(z.object({ vpsId: vpsIdSchema.optional() }))
    .output(z.object({ items: z.array(notSetBackSchema) }))
    .query(async ({ ctx, input }) => ({ items: await ctx.fleet.vps.notSetBack(input) })),

  cancelTimedChange: procedure
    .input(z.object({ id: textSchema(64) }))
    .output(z.void())
    .mutation(({ ctx, input }) => ctx.fleet.vps.cancelTimedChange({ ...input, actor: ctx.caller.email })),

  adopt: procedure
    .input(oneVpsSchema.extend({ nodeId: nodeIdSchema }))
    .output(startedJobSchema)
    .mutation(({ ctx, input }) => ctx.fleet.vps.adopt({ ...input, actor: ctx.caller.email })),

  allocations: procedure
    .input(oneVpsSchema)
    .output(z.object({ items: z.array(allocationChangeSchema) }))
    .query(async ({ ctx, input }) => ({ items: await ctx.fleet.vps.allocations(input.vpsId) })),

  exec: procedure
    .input(execSchema)
    .output(execResultSchema)
    .mutation(({ ctx, input }) => ctx.fleet.vps.exec(input)),
});
