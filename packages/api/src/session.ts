/** Who the caller is, and the one public door: making the first administrator with the printed token. */
import { z } from "zod";
import { administratorSchema, sessionSchema } from "./accounts.ts";
import { noInputSchema } from "./paging.ts";
import { procedure, publicProcedure, router } from "./trpc.ts";

export const setupRouter = router({
  status: publicProcedure
    .input(noInputSchema)
    .output(z.object({ needed: z.boolean() }))
    .query(async ({ ctx }) => ({ needed: await ctx.accounts.setupNeeded() })),

  complete: publicProcedure
    .input(administratorSchema.extend({ token: z.string().min(1, "must not be empty").max(200) }))
    .output(z.object({ ok: z.literal(true) }))
    .mutation(async ({ ctx, input }) => {
      await ctx.accounts.completeSetup(input);
      return { ok: true } as const;
    }),
});

export const sessionRouter = router({
  me: procedure
    .input(noInputSchema)
    .output(sessionSchema)
    .query(({ ctx }) => ctx.caller),
});
