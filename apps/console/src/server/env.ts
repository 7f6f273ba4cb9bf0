/** What the console's process is told by its environment; checked once, at start. */
import { z } from "zod";

const listenSchema = z
  .string()
  .regex(/^(\[[0-9a-f:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/, "must be host:port, such as 127.0.0.1:8080")
  .transform((text) => {
    const colon = text.lastIndexOf(":");
    return { host: text.slice(0, colon).replace(/^\[|\]$/g, ""), port: Number(text.slice(colon + 1)) };
  })
  .refine(({ port }) => port >= 1 && port <= 65_535, "must have a port from 1 to 65535");

export type Listen = z.infer<typeof listenSchema>;

const envSchema = z.object({
  MUSTER_CONSOLE_LISTEN: listenSchema.prefault("127.0.0.1:8080"),
  MUSTER_SERVER_LISTEN: listenSchema.prefault("127.0.0.1:8081"),
  MUSTER_LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
});

export interface ConsoleEnv {
  consoleListen: Listen;
  serverListen: Listen;
  logLevel: z.infer<typeof envSchema>["MUSTER_LOG_LEVEL"];
}

/** @throws a sentence that names the variable at fault. */
export function parseEnv(source: Record<string, string | undefined>): ConsoleEnv {
  const parsed = envSchema.safeParse(source);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`${issue?.path.join(".")} ${issue?.message}.`);
  }
  return {
    consoleListen: parsed.data.MUSTER_CONSOLE_LISTEN,
    serverListen: parsed.data.MUSTER_SERVER_LISTEN,
    logLevel: parsed.data.MUSTER_LOG_LEVEL,
  };
}

/** The server's address as a URL has it: IPv6 in brackets. */
export function originOf({ host, port }: Listen): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
