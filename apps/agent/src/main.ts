/** The agent's process: environment, identity, the node or nodes it serves, the listener; and an orderly end. */
import "./small-heap.ts";
import { flushCompileCache } from "node:module";
import { hostname } from "node:os";
import { join } from "node:path";
import { listenAgents } from "@muster/agent-api/listen";
import { MusterError } from "@muster/model/errors";
import { type Logger, pino } from "pino";
import { announceWhileUnheard, noticed } from "./announce.ts";
import { type Environment, readEnvironment } from "./env.ts";
import type { NodeIdentity } from "./identity.ts";
import { lockDirectory } from "./lock.ts";
import { type NodeInService, startRealNode } from "./real-node.ts";
import { joiner } from "./tokens.ts";

/** Every process of the product ends within 5 s of being told to. */
const STOP_WITHIN_MS = 4500;
const EXIT_BAD_ENVIRONMENT = 2;

type Served = NodeInService & { identity: NodeIdentity; hostname: string; simulated: boolean };

async function serve(environment: Environment, log: Logger, signal: AbortSignal): Promise<() => Promise<void>> {
  const nodes = (await startNodes(environment, log, signal)).map((node) => ({ ...node, ...noticed(node.agent) }));
  const { host, port } = environment.listen;
  const listener = await listenAgents({
    nodes: nodes.map(({ agent, identity }) => ({ ...identity, agent })),
    host,
    port,
    onError: ({ method, error }) => log.warn({ method, err: error }, "a call failed"),
  });
  const ids = nodes.map(({ identity }) => identity.nodeId);
  log.info({ nodes: ids, host, port }, "serving");
  process.send?.({ ready: true, nodes: ids });
  const announcing = { url: environment.enrolUrl, listen: environment.listen, log, signal };
  for (const node of nodes) void announceWhileUnheard(node, announcing);
  flushCompileCache(); // for the next start, however this one ends
  return async () => {
    await listener.close();
    await Promise.all(nodes.map((node) => node.close()));
  };
}

async function startNodes(environment: Environment, log: Logger, signal: AbortSignal): Promise<Served[]> {
  await lockDirectory(environment.agentDirectory);
  const identityOf = joiner({ environment, log, signal });
  if (environment.simulate > 0) {
    // Loaded by need: it is nothing that a process running as root on a real node should hold.
    const { startSimulatedNodes } = await import("./simulated-nodes.ts");
    return startSimulatedNodes(environment, identityOf, log);
  }
  const path = join(environment.agentDirectory, "identity");
  const about = { hostname: hostname(), simulated: false };
  const identity = await identityOf(path, about);
  return [{ identity, ...about, ...(await startRealNode(environment, identity.nodeId, log)) }];
}

function environmentOrExit(): Environment {
  try {
    return readEnvironment(process.env);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exit(EXIT_BAD_ENVIRONMENT);
  }
}

const say = (sentence: string) => process.stderr.write(`muster-agent: ${sentence}\n`);

/** The last line of an agent that cannot start; the log has the whole of it. */
function sentenceOf(error: unknown, { listen }: Environment): string {
  if (error instanceof MusterError) return error.message;
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "EADDRINUSE") return `Port ${listen.port} is in use; set MUSTER_AGENT_LISTEN to another.`;
  return error instanceof Error ? error.message : String(error);
}

/** Fills NODE_COMPILE_CACHE with all that an agent may load, and does nothing else: a step of the set-up. */
async function warm(): Promise<void> {
  await Promise.all([import("./enrol.ts"), import("./simulated-nodes.ts")]);
  flushCompileCache();
}

async function main(): Promise<void> {
  if (process.argv[2] === "--warm") return warm();
  const environment = environmentOrExit();
  const log = pino({ name: "agent", level: environment.logLevel }, pino.destination({ dest: 2, sync: true }));
  const stopping = new AbortController();
  const started = serve(environment, log, stopping.signal);

  const stop = (why: string) => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    log.info({ why }, "stopping; the VPSs go on running");
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    void started
      .then((close) => close())
      .then(
        () => process.exit(0),
        () => process.exit(1),
      );
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stop(signal));
  process.on("disconnect", () => stop("the supervisor is gone"));

  started.catch((error: unknown) => {
    if (stopping.signal.aborted) return;
    log.fatal({ err: error }, "the agent could not start");
    say(sentenceOf(error, environment));
    process.exit(1);
  });
}

await main();
