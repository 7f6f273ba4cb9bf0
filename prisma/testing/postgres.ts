/**
 * A throw-away PostgreSQL for tests: fast instead of durable, on loopback, and never longer alive than the
 * process that started it. The kernel sees to that (`setpriv --pdeathsig`, PR_SET_PDEATHSIG in man 2 prctl): an exit
 * handler would not run after `kill -9`, and a postmaster that is left behind holds its port and its directory.
 *
 * PostgreSQL refuses to run as root, so as root it runs as nobody (65534 on every Linux).
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { Client } from "pg";
import { readableBinaries } from "./binaries.ts";

const NOBODY = 65_534;
const START_TIMEOUT_MS = 30_000;
/** A test's data need not survive the machine. */
const SETTINGS = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  shared_buffers: "64MB",
  max_connections: "200",
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
};

export interface TestPostgres {
  /** Of the superuser, at the maintenance database. */
  url: string;
  start(): Promise<void>;
  /** As the operator stops it: clients are told (57P01) and thrown out. */
  stop(): Promise<void>;
}

function spawnAsNobody(program: string, args: string[]): ChildProcess {
  const asNobody = ["--reuid", String(NOBODY), "--regid", String(NOBODY), "--clear-groups"];
  const rights = process.getuid?.() === 0 ? asNobody : [];
  const argv = ["--pdeathsig", "QUIT", ...rights, program, ...args];
  return spawn("setpriv", argv, { stdio: "ignore", env: { LC_ALL: "C", TZ: "UTC" }, cwd: "/" });
}

async function initialise(directory: string): Promise<void> {
  if (existsSync(`${directory}/PG_VERSION`)) return;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (process.getuid?.() === 0) chownSync(directory, NOBODY, NOBODY);
  const args = ["-D", directory, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"];
  const [code] = await once(spawnAsNobody(readableBinaries().initdb, args), "exit");
  if (code !== 0) throw new Error(`initdb ended with ${code} in ${directory}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("The kernel gave no port.");
  return address.port;
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url });
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false; // not yet up: asked again until the deadline
  }
}

async function untilItAnswers(url: string, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!(await answers(url))) {
    if (child.exitCode !== null) throw new Error(`postgres ended with ${child.exitCode}`);
    if (performance.now() > deadline) throw new Error(`postgres did not answer within ${START_TIMEOUT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** @param directory made when it is missing; its parents must be open to nobody. */
export async function startTestPostgres(directory: string): Promise<TestPostgres> {
  await initialise(directory);
  const port = await freePort();
  const url = `postgresql://postgres@127.0.0.1:${port}/postgres`;
  const settings = Object.entries({ ...SETTINGS, port: String(port) }).flatMap(([name, value]) => [
    "-c",
    `${name}=${value}`,
  ]);
  let child: ChildProcess | null = null;
  const server: TestPostgres = {
    url,
    async start() {
      if (child !== null) return;
      child = spawnAsNobody(readableBinaries().postgres, ["-D", directory, ...settings]);
      await untilItAnswers(url, child);
    },
    async stop() {
      if (child === null) return;
      const ended = once(child, "exit");
      child.kill("SIGINT"); // "fast shutdown" of its manual
      await ended;
      child = null;
    },
  };
  await server.start();
  return server;
}
