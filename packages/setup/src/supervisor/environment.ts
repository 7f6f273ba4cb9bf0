/**
 * Every environment variable that Muster reads, checked before anything is started. A MUSTER_ variable that is not in
 * the list is a typing mistake and said to be one: it would otherwise be ignored in silence.
 */
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { z } from "zod";
import { Refusal } from "./refusal.ts";

const DEFAULT_POOL_BYTES = 32 * 1024 ** 3;

export interface ListenAddress {
  host: string;
  port: number;
}

const listen = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform((text, context): ListenAddress => {
      const [, host, portText] = /^(\[[0-9a-fA-F:]+\]|[^:]+):([0-9]{1,5})$/.exec(text) ?? [];
      const port = Number(portText);
      if (host !== undefined && port >= 1 && port <= 65_535) return { host: host.replace(/^\[|\]$/g, ""), port };
      context.addIssue({ code: "custom", message: "must be HOST:PORT, such as 127.0.0.1:8080" });
      return z.NEVER;
    });

const absolutePath = z.string().refine(isAbsolute, "must be an absolute path");
const wholeNumber = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^[0-9]+$/, `must be a whole number from ${minimum} to ${maximum}`)
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum, `must be a whole number from ${minimum} to ${maximum}`);

export function defaultDataDir(isRoot: boolean): string {
  return isRoot ? "/var/lib/muster" : join(homedir(), ".local/share/muster");
}

export const MAX_SIMULATED = 100;

function schemaFor(isRoot: boolean) {
  return z.object({
    MUSTER_DATA_DIR: absolutePath.default(defaultDataDir(isRoot)),
    DATABASE_URL: z
      .string()
      .regex(/^postgres(ql)?:\/\/./, "must be postgresql://USER:PASSWORD@HOST:PORT/DATABASE")
      .optional(),
    MUSTER_CONSOLE_LISTEN: listen("127.0.0.1:8080"),
    MUSTER_SERVER_LISTEN: listen("127.0.0.1:8081"),
    MUSTER_ENROL_LISTEN: listen("127.0.0.1:8082"),
    MUSTER_AGENT_LISTEN: listen("127.0.0.1:8083"),
    MUSTER_DATABASE_PORT: wholeNumber(1, 65_535).default(8084),
    MUSTER_PUBLIC_URL: z.url({ protocol: /^https?$/, error: "must be an http or https address" }).optional(),
    MUSTER_LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace"]).default("info"),
    MUSTER_BRIDGE: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,14}$/, "must be the name of a network interface: at most 15 letters, digits and dashes")
      .default("muster0"),
    MUSTER_NETWORK: z
      .string()
      .regex(/^([0-9]{1,3}\.){3}[0-9]{1,3}\/([89]|[12][0-9]|30)$/, "must be an IPv4 network such as 10.80.0.0/24")
      .default("10.80.0.0/24"),
    MUSTER_POOL: absolutePath.optional(),
    MUSTER_POOL_BYTES: wholeNumber(256 * 1024 ** 2, Number.MAX_SAFE_INTEGER).default(DEFAULT_POOL_BYTES),
    MUSTER_CRIU: absolutePath.optional(),
    MUSTER_SIMULATE: wholeNumber(0, MAX_SIMULATED).optional(),
  });
}

export type Environment = z.infer<ReturnType<typeof schemaFor>>;

export const VARIABLE_NAMES: readonly string[] = Object.keys(schemaFor(true).shape);

/** Set by `npm test` for the tests it runs; a product started by a test inherits them. */
const TEST_VARIABLES = /^MUSTER_(TEST|E2E|BENCH)_/;

/** @throws Refusal naming the first variable at fault */
export function parseEnvironment(source: Record<string, string | undefined>, isRoot: boolean): Environment {
  for (const name of Object.keys(source)) {
    if (!name.startsWith("MUSTER_") || TEST_VARIABLES.test(name) || VARIABLE_NAMES.includes(name)) continue;
    throw new Refusal(`There is no environment variable ${name}. Known are: ${VARIABLE_NAMES.join(", ")}.`, 2);
  }
  const given = Object.fromEntries(VARIABLE_NAMES.map((name) => [name, source[name] || undefined]));
  const parsed = schemaFor(isRoot).safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Refusal(`${String(issue?.path[0])} is "${given[String(issue?.path[0])]}", but it ${issue?.message}.`, 2);
}

export function listenText({ host, port }: ListenAddress): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** From this machine: a wildcard address can be listened on, not called. */
export function reachable({ host, port }: ListenAddress): ListenAddress {
  return { host: host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host, port };
}

/** What browsers type, when nobody said otherwise. */
export function publicUrl(environment: Environment): string {
  if (environment.MUSTER_PUBLIC_URL !== undefined) return environment.MUSTER_PUBLIC_URL.replace(/\/$/, "");
  return `http://${listenText(reachable(environment.MUSTER_CONSOLE_LISTEN))}`;
}
