/**
 * The procedure builders. `procedure` is denied to nobody-in-particular; `publicProcedure` serves only the
 * paths of PUBLIC_PATHS, so a procedure that is made public by mistake is refused at its first call.
 *
 * Rights are asked anew at every request. A stream is one long request, so they are asked again before an item
 * goes out, at most once in RIGHTS_MAX_AGE_MS. (Ending streams every few minutes was tried: a browser waits
 * three seconds before it comes back, and draws the connection as lost meanwhile.)
 */
import { MusterError } from "@muster/model/errors";
import { initTRPC } from "@trpc/server";
import type { Session } from "./accounts.ts";
import type { Context } from "./context.ts";
import { toTrpcError, viewOf } from "./errors.ts";
import { isAsyncIterable } from "./stream.ts";

export const PUBLIC_PATHS: readonly string[] = ["setup.status", "setup.complete"];

const RIGHTS_MAX_AGE_MS = 30_000;

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
    ping: { enabled: true, intervalMs: 5_000 },
    client: { reconnectAfterInactivityMs: 15_000 },
  },
});

export const router = trpc.router;

const mapped = trpc.procedure.use(async ({ next }) => {
  const result = await next();
  if (!result.ok) throw toTrpcError(result.error);
  return result;
});

export const publicProcedure = mapped.use(({ path, next }) => {
  if (!PUBLIC_PATHS.includes(path)) throw new MusterError("forbidden", "This procedure is not open to the public.");
  return next();
});

export const procedure = mapped
  .use(async ({ ctx, next }) => next({ ctx: { ...ctx, caller: known(await ctx.session()) } }))
  .use(async ({ ctx, type, next }) => {
    const result = await next();
    if (type !== "subscription" || !result.ok || !isAsyncIterable(result.data)) return result;
    return { ...result, data: whileAllowed(result.data, async () => known(await ctx.askSession())) };
  });

function known(session: Session | null): Session {
  if (session === null) throw new MusterError("unauthenticated", "Sign in first, or send an API key.");
  return session;
}

async function* whileAllowed(stream: AsyncIterable<unknown>, ask: () => Promise<Session>) {
  let askedAtMs = Date.now();
  for await (const item of stream) {
    if (Date.now() - askedAtMs >= RIGHTS_MAX_AGE_MS) {
      await ask().catch((error: unknown) => {
        throw toTrpcError(error);
      });
      askedAtMs = Date.now();
    }
    yield item;
  }
}
