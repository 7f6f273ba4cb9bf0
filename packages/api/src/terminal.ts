/** A terminal inside a VPS. Its output is a stream of numbered pieces, so a browser that lost its connection misses none. */
import { vpsIdSchema } from "@muster/model/ids";
import { tracked } from "@trpc/server";
import { z } from "zod";
import { lastEventIdSchema } from "./paging.ts";
import { trackedStreamOf } from "./stream.ts";
import { procedure, router } from "./trpc.ts";

const terminalIdSchema = z.string().regex(/^[0-9a-f]{32}$/, "is not the id of a terminal");
const oneTerminalSchema = z.object({ vpsId: vpsIdSchema, terminalId: terminalIdSchema });
const sizeSchema = z.object({ columns: z.number().int().min(1).max(500), rows: z.number().int().min(1).max(500) });
const doneSchema = z.object({ ok: z.literal(true) });
const DONE = { ok: true } as const;

/** `data` is base64 of raw bytes: a multi-byte character may be cut anywhere. `seq` counts from 1. */
const outputSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("data"), seq: z.number().int(), data: z.string() }),
  z.object({ type: z.literal("exit"), seq: z.number().int(), exitCode: z.number().int().nullable() }),
]);

/** The id of an event is its `seq`; what is not one means: from the beginning of what is kept. */
function afterSeq(lastEventId: string | null | undefined): number {
  const seq = Number(lastEventId ?? 0);
  return Number.isSafeInteger(seq) && seq >= 0 ? seq : 0;
}

export const terminalRouter = router({
  open: procedure
    .input(sizeSchema.extend({ vpsId: vpsIdSchema }))
    .output(z.object({ terminalId: terminalIdSchema }))
    .mutation(({ ctx, input }) => ctx.fleet.terminal.open(input)),

  write: procedure
    .input(oneTerminalSchema.extend({ data: z.string().max(65_536) }))
    .output(doneSchema)
    .mutation(async ({ ctx, input }) => {
      await ctx.fleet.terminal.write(input);
      return DONE;
    }),

  resize: procedure
    .input(oneTerminalSchema.extend(sizeSchema.shape))
    .output(doneSchema)
    .mutation(async ({ ctx, input }) => {
      await ctx.fleet.terminal.resize(input);
      return DONE;
    }),

  close: procedure
    .input(oneTerminalSchema)
    .output(doneSchema)
    .mutation(async ({ ctx, input }) => {
      await ctx.fleet.terminal.close(input);
      return DONE;
    }),

  output: procedure
    .input(oneTerminalSchema.extend({ lastEventId: lastEventIdSchema }))
    .output(trackedStreamOf(outputSchema))
    .subscription(async function* ({ ctx, input, signal }) {
      const request = { ...input, afterSeq: afterSeq(input.lastEventId) };
      for await (const output of ctx.fleet.terminal.output(request, signal ?? ctx.closed)) {
        yield tracked(String(output.seq), output);
      }
    }),
});
