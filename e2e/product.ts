/**
 * A whole product of a test's own: `npm start`'s set-up and processes, in a data directory, on ports, a
 * bridge and a network that no other one uses. A test drives it as a person or a script would, from outside.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { sweepDirectory } from "@muster/setup/sweep";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const READY_WITHIN_MS = 420_000; // a cold console build and a CRIU build are in it on a fresh machine
const STOPPED_WITHIN_MS = 30_000;

export interface ProductOptions {
  /** Names the data directory and the bridge: 1 to 6 letters. */
  name: string;
  /** The first of ten ports. */
  port: number;
  /** 10.x.y.0/24 for its VPSs. */
  network: string;
  /** Simulated nodes instead of this host's real one. */
  simulate?: number;
  /** Start on what the last one left in the data directory, as a second `npm start` does. */
  keep?: boolean;
  environment?: Record<string, string>;
}

export interface Product {
  url: string;
  serverUrl: string;
  dataDir: string;
  /** The first-run token; null where an administrator exists already. */
  token: string | null;
  /** All that it printed so far. */
  output(): string;
  supervisorPid: number;
  /** Ctrl-C. Resolves with the exit code. */
  stop(): Promise<number | null>;
  /** kill -9 of the supervisor alone. */
  kill(): Promise<void>;
  /** Ctrl-C, and then all that it made on this host goes: VPSs, pool, bridge, data directory. */
  end(): Promise<void>;
}

export function dataDirOf(name: string): string {
  return `/var/tmp/muster-e2e-${name}`;
}

export async function startProduct(options: ProductOptions): Promise<Product> {
  const dataDir = dataDirOf(options.name);
  if (!options.keep) await sweepDirectory(dataDir); // what a killed run may have left
  await mkdir(dataDir, { recursive: true, mode: 0o755 });
  const at = (offset: number) => `127.0.0.1:${options.port + offset}`;
  const child = spawn(
    process.execPath,
    ["packages/setup/src/start.mjs", ...(options.simulate ? ["--simulate", String(options.simulate)] : [])],
    {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
      env: {
        ...process.env,
        MUSTER_DATA_DIR: dataDir,
        MUSTER_CONSOLE_LISTEN: at(0),
        MUSTER_SERVER_LISTEN: at(1),
        MUSTER_ENROL_LISTEN: at(2),
        MUSTER_AGENT_LISTEN: at(3),
        MUSTER_DATABASE_PORT: String(options.port + 4),
        MUSTER_BRIDGE: `mt-${options.name}0`,
        MUSTER_NETWORK: options.network,
        MUSTER_POOL_BYTES: String(4 * 1024 ** 3),
        ...options.environment,
      },
    },
  );
  const { pid } = child;
  if (pid === undefined) throw new Error("the product could not be started");
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += String(chunk);
  });
  child.stderr.on("data", (chunk) => {
    output += String(chunk);
  });
  const address = await addressPrinted(child, () => output);
  return {
    url: `http://${at(0)}`,
    serverUrl: `http://${at(1)}`,
    dataDir,
    token: /#token=([^\s]+)/.exec(address)?.[1] ?? null,
    output: () => output,
    supervisorPid: pid,
    stop: () => endOf(child, "SIGINT"),
    end: async () => {
      await endOf(child, "SIGINT");
      await sweepDirectory(dataDir);
    },
    kill: async () => {
      await endOf(child, "SIGKILL");
    },
  };
}

/** The last line of a start: the one address, with the first-run token where nobody has signed up yet. */
async function addressPrinted(child: ChildProcess, output: () => string): Promise<string> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline) {
    const line = output()
      .split("\n")
      .findLast((candidate) => /https?:\/\/127\.0\.0\.1:\d+\/?(setup#token=\S+)?\s*$/.test(candidate));
    if (line !== undefined) return line;
    if (child.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  child.kill("SIGINT");
  throw new Error(`the product did not start:\n${output().slice(-4000)}`);
}

async function endOf(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  child.kill(signal);
  const late = setTimeout(() => child.kill("SIGKILL"), STOPPED_WITHIN_MS);
  const code = await ended;
  clearTimeout(late);
  return code;
}
