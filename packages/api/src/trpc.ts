/**
 * The procedure builders. `procedure` is denied to nobody-in-particular; `publicProcedure` serves only the
 * paths of PUBLIC_PATHS, so a procedure that is made public by mistake is refused at its first call.
 *
 * Rights are asked anew at every request. A subscription is one long request, so it is ended after
 * SUBSCRIPTION_MAX_MS: the client comes back with its last event id and is asked again.
 */
import { MusterError } from "@muster/model/errors";
import { initTRPC } from "@trpc/server";
import type { Context } from "./context.ts";
import { toTrpcError, viewOf } from "./errors.ts";

export const PUBLIC_PATHS: readonly string[] = ["setup.status", "setup.complete"];

const SUBSCRIPTION_MAX_MS = 5 * 60_000;

const trpc = initTRPC.context<Context>().create({
  isDev: false, // a stack trace is for the log
  errorFormatter: ({ shape, error, ctx }) => {
    const view = viewOf(error);
    return {
      ...shape,
      message: view.message,
      data: { ...shape.data, muster: { ...view, requestId: ctx?.requestId ?? "none" } },
    };
  },
  sse: {
    maxDurationMs: SUBSCRIPTION_MAX_MS,
    ping: { enabled: true, intervalMs: 5_000 },
    client: { reconnectAfterInactivityMs: 15_000 },
  },
});

export const router = trpc.router;
export const createCallerFactory = trpc.createCallerFactory;

const mapped = trpc.procedure.use(async ({ next }) => {
  const result = await next();
  if (!result.ok) throw toTrpcError(result.error);
  return result;
});

export const publicProcedure = mapped.use(({ path, next }) => {
  if (!PUBLIC_PATHS.includes(path)) throw new MusterError("forbidden", "This procedure is not open to the public.");
  return next();
});

export const procedure = mapped.use(async ({ ctx, next }) => {
  const session = await ctx.session();
  if (session === null) throw new MusterError("unauthenticated", "Sign in first, or send an API key.");
  return next({ ctx: { ...ctx, caller: session } });
});
