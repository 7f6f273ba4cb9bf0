/** API keys of the caller, for scripts. A key is shown once, when it is made. */
import { z } from "zod";
import { apiKeySchema } from "./accounts.ts";
import { noInputSchema } from "./paging.ts";
import { textSchema } from "./text.ts";
import { procedure, router } from "./trpc.ts";

const idSchema = textSchema(100).min(1);

export const apiKeysRouter = router({
  list: procedure
    .input(noInputSchema)
    .output(z.object({ items: z.array(apiKeySchema) }))
    .query(async ({ ctx }) => ({ items: await ctx.accounts.listApiKeys(ctx.caller.userId) })),

  create: procedure
    .input(z.object({ name: textSchema(32).trim().min(1, "must not be empty") }))
    .output(z.object({ id: idSchema, key: z.string() }))
    .mutation(({ ctx, input }) => ctx.accounts.createApiKey({ userId: ctx.caller.userId, name: input.name })),

  revoke: procedure
    .input(z.object({ id: idSchema }))
    .output(z.object({ ok: z.literal(true) }))
    .mutation(async ({ ctx, input }) => {
      await ctx.accounts.revokeApiKey({ userId: ctx.caller.userId, id: input.id });
      return { ok: true } as const;
    }),
});
