/** The whole server in this process with a simulated node beside it, joined through the real door, for fleet tests. */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listenAgents } from "@muster/agent-api/listen";
import { createSimulatedNode, type SimulatedNode } from "@muster/agent-sim/simulated-node";
import { createClient, type MusterClient } from "@muster/client";
import { createTestDatabase } from "@muster/db/testing/database";
import { pino } from "pino";
import { z } from "zod";
import { startServer } from "./server.ts";
import { joiningBody, newJoining, post } from "./test-node.ts";

export const PASSWORD = "correct horse battery";

export interface Answered {
  status: number;
  headers: Headers;
  body: unknown;
}
export type Call = (path: string, input: unknown, headers?: Record<string, string>) => Promise<Answered>;

export interface TestServer {
  url: string;
  /** A procedure called by hand, as anybody. */
  call: Call;
  /** The signed-in administrator's. */
  cookie: string;
  /** With an API key of the administrator's. */
  muster: MusterClient;
  nodeId: string;
  close(): Promise<void>;
}

const answeredSchema = z.object({ result: z.object({ data: z.unknown() }) });
export const resultOf = <Data extends z.ZodType>(body: unknown, data: Data): z.output<Data> =>
  data.parse(answeredSchema.parse(body).result.data);

/** @param through what stands between the server and its database, where a test takes the database away. */
export async function startTestServer(through = async (databaseUrl: string) => databaseUrl): Promise<TestServer> {
  const directory = await mkdtemp(join(tmpdir(), "muster-server-"));
  const database = await createTestDatabase();
  const [port, enrolPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const environment = {
    dataDirectory: join(directory, "server"),
    databaseUrl: await through(database.url),
    serverListen: { host: "127.0.0.1", port },
    enrolListen: { host: "127.0.0.1", port: enrolPort },
    publicUrl: url,
    enrolUrl: `https://127.0.0.1:${enrolPort}`,
    adopt: false,
    logLevel: "silent",
  };
  const server = await startServer(environment, pino({ level: "silent" }));
  const call = callOf(url);
  const cookie = await signIn(url, call, (await server.fleet.firstRun.issueToken()) ?? "");
  const made = await call("apiKeys.create", { name: "test" }, { cookie });
  const muster = createClient({ url, apiKey: resultOf(made.body, z.object({ key: z.string() })).key });
  const node = await joinSimulatedNode({ muster, enrolPort, dataDir: join(directory, "sim") });
  const close = async () => {
    await node.close();
    await server.close();
    await database.drop();
    await rm(directory, { recursive: true, force: true });
  };
  return { url, call, cookie, muster, nodeId: node.nodeId, close };
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  const { port } = z.object({ port: z.number() }).parse(probe.address());
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

export function callOf(url: string): Call {
  return async (path, input, headers = {}) => {
    const answer = await fetch(`${url}/trpc/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(input),
    });
    return { status: answer.status, headers: answer.headers, body: await answer.json() };
  };
}

export async function signIn(url: string, call: Call, token: string): Promise<string> {
  const email = "ada@example.org";
  await call("setup.complete", { token, name: "Ada", email, password: PASSWORD });
  const answer = await fetch(`${url}/api/auth/sign-in/email`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: url },
    body: JSON.stringify({ email, password: PASSWORD }),
  });
  return answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
}

interface SimulatedNodeInService {
  nodeId: string;
  /** The agent itself, past the wire. */
  agent: SimulatedNode;
  close(): Promise<void>;
}

export async function joinSimulatedNode(parts: {
  muster: MusterClient;
  enrolPort: number;
  dataDir: string;
  network?: { bridge: string; network: string; gateway: string };
}): Promise<SimulatedNodeInService> {
  const port = await freePort();
  const { token } = await parts.muster.nodes.createEnrolmentToken.mutate();
  const joining = await newJoining();
  const body = { ...joiningBody(token, joining, `127.0.0.1:${port}`), simulated: true };
  const answer = await post(parts.enrolPort, JSON.stringify(body));
  const granted = z.object({ nodeId: z.string(), certificatePem: z.string(), caPem: z.string() }).parse(answer.body);
  const { nodeId } = granted;
  const agent = await createSimulatedNode({
    nodeId,
    name: "sim-01",
    seed: "1",
    dataDir: parts.dataDir,
    latencyScale: 0,
    ...(parts.network === undefined ? {} : { network: parts.network }),
  });
  const nodes = [{ ...granted, keyPem: joining.keyPem, agent }];
  const listener = await listenAgents({ nodes, host: "127.0.0.1", port, onError: () => {} });
  const close = async () => {
    await listener.close();
    await agent.close();
  };
  return { nodeId, agent, close };
}
