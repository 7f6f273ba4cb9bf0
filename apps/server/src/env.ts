/** What the server is told by its environment. Nonsense is refused at the start, in one sentence. */
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";

export interface Listen {
  host: string;
  port: number;
}

/** "127.0.0.1:8081", "[::1]:8081" or "name:8081" */
const listenSchema = z
  .string()
  .regex(/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}$/, "must be an address and a port, such as 127.0.0.1:8081")
  .transform((text): Listen => {
    const at = text.lastIndexOf(":");
    return { host: text.slice(0, at).replace(/^\[|\]$/g, ""), port: Number(text.slice(at + 1)) };
  })
  .refine(({ port }) => port > 0 && port < 65_536, "must have a port from 1 to 65535");

const publicUrlSchema = z
  .url({ protocol: /^https?$/, error: "must be what browsers type, such as https://muster.example.org" })
  .transform((text) => new URL(text).origin);

const environmentSchema = z.object({
  MUSTER_DATA_DIR: z.string().startsWith("/", "must be an absolute path").default(defaultDataDirectory),
  DATABASE_URL: z
    .string({ error: "is not set; `npm start` sets it to its embedded PostgreSQL" })
    .regex(/^postgres(ql)?:\/\//, "must be a PostgreSQL URL such as postgresql://user:password@host:5432/muster"),
  MUSTER_CONSOLE_LISTEN: listenSchema.default({ host: "127.0.0.1", port: 8080 }),
  MUSTER_SERVER_LISTEN: listenSchema.default({ host: "127.0.0.1", port: 8081 }),
  MUSTER_ENROL_LISTEN: listenSchema.default({ host: "127.0.0.1", port: 8082 }),
  MUSTER_PUBLIC_URL: publicUrlSchema.optional(),
  MUSTER_ADOPT: z.enum(["0", "1"], { error: "must be 1, or 0" }).default("0"),
  MUSTER_LOG_LEVEL: z
    .enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"], {
      error: "must be one of fatal, error, warn, info, debug, trace, silent",
    })
    .default("info"),
});

export interface Environment {
  /** The server's own part of the data directory. */
  dataDirectory: string;
  databaseUrl: string;
  serverListen: Listen;
  enrolListen: Listen;
  publicUrl: string;
  /** As an agent reaches the enrolment listener; shown with a token. */
  enrolUrl: string;
  /** The database was lost: nodes with a certificate of this server's authority get their places back. */
  adopt: boolean;
  logLevel: string;
}

/** @throws Error with one sentence that names the variable. An empty variable is one that is not set. */
export function readEnvironment(variables: NodeJS.ProcessEnv): Environment {
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ""));
  const parsed = environmentSchema.safeParse(set);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`${String(issue?.path[0])} ${issue?.message}.`);
  }
  const { data } = parsed;
  return {
    dataDirectory: join(data.MUSTER_DATA_DIR, "server"),
    databaseUrl: data.DATABASE_URL,
    serverListen: data.MUSTER_SERVER_LISTEN,
    enrolListen: data.MUSTER_ENROL_LISTEN,
    publicUrl: data.MUSTER_PUBLIC_URL ?? urlOf(data.MUSTER_CONSOLE_LISTEN),
    enrolUrl: enrolUrlOf(data.MUSTER_ENROL_LISTEN, data.MUSTER_PUBLIC_URL),
    adopt: data.MUSTER_ADOPT === "1",
    logLevel: data.MUSTER_LOG_LEVEL,
  };
}

/** A listener on every address is reached where browsers reach the console, as far as the server can know. */
function enrolUrlOf({ host, port }: Listen, publicUrl: string | undefined): string {
  const everywhere = host === "0.0.0.0" || host === "::";
  const name = everywhere && publicUrl !== undefined ? new URL(publicUrl).hostname : loopbackFor(host);
  return new URL(`https://${bracketed(name)}:${port}`).origin;
}

const bracketed = (name: string) => (name.includes(":") && !name.startsWith("[") ? `[${name}]` : name);
const loopbackFor = (host: string) => (host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host);

/** A console that listens on every address is at least found at loopback's; its own name only the operator knows. */
function urlOf({ host, port }: Listen): string {
  return new URL(`http://${bracketed(loopbackFor(host))}:${port}`).origin;
}

function defaultDataDirectory(): string {
  return process.getuid?.() === 0 ? "/var/lib/muster" : join(homedir(), ".local/share/muster");
}
