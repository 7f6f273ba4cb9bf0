/** What the agent is told by its environment. Nonsense is refused at the start, in one sentence. */
import { homedir } from "node:os";
import { join } from "node:path";
import { ipv4NetworkSchema, numberToIpv4, parseNetwork } from "@muster/model/address";
import { z } from "zod";

const GIB = 1024 ** 3;
const SIMULATED_MAX = 100;

export interface Listen {
  host: string;
  port: number;
}

const listenSchema = z
  .string()
  .regex(/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}$/, "must be an address and a port, such as 127.0.0.1:8083")
  .transform((text): Listen => {
    const at = text.lastIndexOf(":");
    return { host: text.slice(0, at).replace(/^\[|\]$/g, ""), port: Number(text.slice(at + 1)) };
  })
  .refine(({ port }) => port > 0 && port < 65_536, "must have a port from 1 to 65535");

const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^[0-9]{1,16}$/, "must be a whole number")
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be from ${least} to ${most}`);

const absolutePath = z.string().startsWith("/", "must be an absolute path");

const environmentSchema = z.object({
  MUSTER_DATA_DIR: absolutePath.default(defaultDataDirectory),
  MUSTER_AGENT_LISTEN: listenSchema.default({ host: "127.0.0.1", port: 8083 }),
  MUSTER_ENROL_URL: z.url({ protocol: /^https$/, error: "must be an https address" }).default("https://127.0.0.1:8082"),
  MUSTER_ENROL_TOKEN: z.string().optional(),
  MUSTER_ENROL_TOKEN_FILE: absolutePath.optional(),
  MUSTER_BRIDGE: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,14}$/, "must be an interface name of at most 15 of a-z, 0-9 and '-'")
    .default("muster0"),
  MUSTER_NETWORK: ipv4NetworkSchema.default("10.80.0.0/24"),
  MUSTER_POOL: absolutePath.optional(),
  MUSTER_POOL_BYTES: wholeNumber(GIB / 4, Number.MAX_SAFE_INTEGER).default(32 * GIB),
  MUSTER_CRIU: absolutePath.optional(),
  MUSTER_SIMULATE: wholeNumber(0, SIMULATED_MAX).default(0),
  MUSTER_LOG_LEVEL: z
    .enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"], {
      error: "must be one of fatal, error, warn, info, debug, trace, silent",
    })
    .default("info"),
});

export interface Environment {
  /** The agent's own part of the data directory. */
  agentDirectory: string;
  listen: Listen;
  enrolUrl: string;
  enrolToken: string | undefined;
  enrolTokenFile: string | undefined;
  network: { bridge: string; network: string; gateway: string };
  pool: { device: string | null; imageBytes: number };
  criu: string | undefined;
  simulate: number;
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
    agentDirectory: join(data.MUSTER_DATA_DIR, "agent"),
    listen: data.MUSTER_AGENT_LISTEN,
    enrolUrl: data.MUSTER_ENROL_URL,
    enrolToken: data.MUSTER_ENROL_TOKEN,
    enrolTokenFile: data.MUSTER_ENROL_TOKEN_FILE,
    network: { bridge: data.MUSTER_BRIDGE, ...networkOf(data.MUSTER_NETWORK) },
    pool: { device: data.MUSTER_POOL ?? null, imageBytes: data.MUSTER_POOL_BYTES },
    criu: data.MUSTER_CRIU,
    simulate: data.MUSTER_SIMULATE,
    logLevel: data.MUSTER_LOG_LEVEL,
  };
}

/** The first address of the network is the bridge's own. */
function networkOf(network: string): { network: string; gateway: string } {
  return { network, gateway: numberToIpv4(parseNetwork(network).first + 1) };
}

function defaultDataDirectory(): string {
  return process.getuid?.() === 0 ? "/var/lib/muster" : join(homedir(), ".local/share/muster");
}
