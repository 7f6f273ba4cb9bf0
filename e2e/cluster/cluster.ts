/**
 * A small fleet of processes without a supervisor, for whoever wants to kill them one by one: PostgreSQL, servers that
 * share it, an agent of simulated nodes, and this host's real node where it can be one.
 */
import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { MusterClient } from "@muster/client";
import { sweepDirectory } from "@muster/setup/sweep";
import { completeSetup, scriptClient } from "../account.ts";
import { dataDirOf } from "../product.ts";
import { startDatabase } from "./database.ts";
import { type ClusterProcess, clusterProcess } from "./process.ts";

const CHECKOUT = fileURLToPath(new URL("../..", import.meta.url));
const PORTS_PER_SERVER = 2;
const POOL_BYTES = 4 * 1024 ** 3;
const run = promisify(execFile);

export interface ClusterOptions {
  /** Names the data directory and the bridge: 1 to 6 letters. */
  name: string;
  /** The first of ten ports. */
  port: number;
  servers: number;
  simulated: number;
  /** 10.x.y.0/24 of the real node; left out: there is none. */
  realNetwork?: string | undefined;
}

export interface Cluster {
  dataDir: string;
  database: ClusterProcess;
  servers: { process: ClusterProcess; url: string }[];
  agents: { process: ClusterProcess; simulated: boolean }[];
  /** Of each server, with one administrator's key. */
  clients: MusterClient[];
  /** Everything stops, and nothing of it is left on this host. */
  end(): Promise<void>;
}

interface Site {
  dataDir: string;
  databaseUrl: string;
  at(offset: number): string;
}

const program = (file: string): readonly [string, string] => [process.execPath, join(CHECKOUT, file)];

function baseVariables(): Record<string, string> {
  const { PATH = "", HOME = "/root" } = process.env;
  return { PATH, HOME, LANG: "C.UTF-8", NODE_ENV: "production", MUSTER_LOG_LEVEL: "info" };
}

function serverVariables(site: Site, index: number): Record<string, string> {
  return {
    ...baseVariables(),
    DATABASE_URL: site.databaseUrl,
    MUSTER_DATA_DIR: join(site.dataDir, `server-${index}`),
    MUSTER_SERVER_LISTEN: site.at(1 + PORTS_PER_SERVER * index),
    MUSTER_ENROL_LISTEN: site.at(2 + PORTS_PER_SERVER * index),
    MUSTER_PUBLIC_URL: `http://${site.at(1)}`,
  };
}

/** The second and later servers share the first one's authority and its key for cookies. */
function shareSecrets(site: Site, index: number): void {
  const folder = (number: number) => join(site.dataDir, `server-${number}`, "server");
  mkdirSync(folder(index), { recursive: true, mode: 0o700 });
  if (index === 0) return;
  for (const name of ["authority.pem", "cookie-secret"]) copyFileSync(join(folder(0), name), join(folder(index), name));
}

async function startServer(site: Site, index: number): Promise<Cluster["servers"][number]> {
  shareSecrets(site, index);
  const server = clusterProcess({
    name: `server ${index}`,
    argv: program("apps/server/src/main.ts"),
    env: serverVariables(site, index),
    logFile: join(site.dataDir, `server-${index}.log`),
    stopSignal: "SIGTERM",
  });
  await server.start();
  return { process: server, url: `http://${site.at(1 + PORTS_PER_SERVER * index)}` };
}

async function ask(file: string, env: Record<string, string>, ...args: string[]): Promise<string> {
  const [node, path] = program(file);
  return (await run(node, [path, ...args], { env })).stdout.trim();
}

interface AgentPlan {
  name: string;
  dataDir: string;
  port: number;
  env: Record<string, string>;
  nodes: number;
}

async function startAgent(site: Site, { name, dataDir, port, env, nodes }: AgentPlan): Promise<ClusterProcess> {
  mkdirSync(dataDir, { recursive: true });
  const tokens = join(site.dataDir, `${name}.tokens`);
  writeFileSync(tokens, await ask("apps/server/src/enrol-token.ts", serverVariables(site, 0), String(nodes)));
  const variables = {
    ...baseVariables(),
    MUSTER_DATA_DIR: dataDir,
    MUSTER_AGENT_LISTEN: site.at(port),
    MUSTER_ENROL_URL: `https://${site.at(2)}`,
    MUSTER_ENROL_TOKEN_FILE: tokens,
    ...env,
  };
  if (env["MUSTER_BRIDGE"] !== undefined) await ask("apps/agent/src/template.ts", variables, "busybox");
  const agent = clusterProcess({
    name,
    argv: program("apps/agent/src/main.ts"),
    env: variables,
    logFile: join(site.dataDir, `${name}.log`),
    stopSignal: "SIGTERM",
  });
  await agent.start();
  return agent;
}

async function startAgents(site: Site, options: ClusterOptions): Promise<Cluster["agents"]> {
  const { simulated, realNetwork } = options;
  const many = { name: "simulated", dataDir: join(site.dataDir, "simulated"), port: 8, nodes: simulated };
  const agent = await startAgent(site, { ...many, env: { MUSTER_SIMULATE: String(simulated) } });
  if (realNetwork === undefined) return [{ process: agent, simulated: true }];
  const env = {
    MUSTER_BRIDGE: `mt-${options.name}0`,
    MUSTER_NETWORK: realNetwork,
    MUSTER_POOL_BYTES: String(POOL_BYTES),
  };
  // In the cluster's own directory: there the sweeper looks for what a killed run has left on the host.
  const real = await startAgent(site, { name: "real", dataDir: site.dataDir, port: 9, nodes: 1, env });
  return [
    { process: agent, simulated: true },
    { process: real, simulated: false },
  ];
}

export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const dataDir = dataDirOf(options.name);
  await sweepDirectory(dataDir); // what a killed one may have left
  mkdirSync(dataDir, { recursive: true });
  const at = (offset: number) => `127.0.0.1:${options.port + offset}`;
  const database = await startDatabase(CHECKOUT, dataDir, options.port);
  const site: Site = { dataDir, databaseUrl: database.url, at };
  const servers: Cluster["servers"] = [];
  for (let index = 0; index < options.servers; index += 1) servers.push(await startServer(site, index));
  const token = await ask("apps/server/src/first-run.ts", serverVariables(site, 0));
  const [first] = servers;
  if (first === undefined) throw new Error("a cluster has a server");
  await completeSetup({ url: first.url, token });
  const clients = await Promise.all(servers.map(({ url }) => scriptClient({ url: first.url, serverUrl: url })));
  const agents = await startAgents(site, options);
  return {
    dataDir,
    servers,
    agents,
    clients,
    database: database.process,
    end: async () => {
      await Promise.all([...agents, ...servers].map((one) => one.process.stop()));
      await database.process.stop();
      await sweepDirectory(dataDir);
    },
  };
}
