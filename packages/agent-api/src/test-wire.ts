/** Both ends of the wire in one test process, with certificates of a test's own authority. */
import { MusterError } from "@muster/model/errors";
import type { Agent } from "./agent.ts";
import { type AgentClient, type AgentLink, connectAgent } from "./client.ts";
import { type AgentListener, type Credentials, listenAgents, type ServedNode } from "./listen.ts";
import { TEST_NODE_ID } from "./test-agent.ts";
import { createTestAuthority, type TestAuthority } from "./test-authority.ts";

export interface TestWire {
  authority: TestAuthority;
  node: Credentials;
  server: Credentials;
  /** What the listeners had to tell. */
  logged: { method: string; error: unknown }[];
  /** Closed by `clean`, like all that is opened here. */
  open: { close(): unknown }[];
  serve(nodes: readonly ServedNode[], port?: number): Promise<AgentListener>;
  listen(agent: Agent, port?: number): Promise<AgentListener>;
  clientOf(listener: Pick<AgentListener, "port">, link?: Partial<AgentLink>): AgentClient;
  clean(): Promise<void>;
}

export async function createTestWire(): Promise<TestWire> {
  const authority = await createTestAuthority();
  const [node, server] = await Promise.all([authority.issue(TEST_NODE_ID), authority.issue("muster-server")]);
  const open: TestWire["open"] = [];
  const logged: TestWire["logged"] = [];

  const serve = async (nodes: readonly ServedNode[], port = 0) => {
    const onError = (failure: { method: string; error: unknown }) => logged.push(failure);
    const listener = await listenAgents({ nodes, host: "127.0.0.1", port, onError });
    open.push(listener);
    return listener;
  };
  return {
    authority,
    node,
    server,
    logged,
    open,
    serve,
    listen: (agent, port) => serve([{ ...node, nodeId: TEST_NODE_ID, agent }], port),
    clientOf(listener, link = {}) {
      const address = `127.0.0.1:${listener.port}`;
      const client = connectAgent({ address, nodeId: TEST_NODE_ID, ...server, ...link });
      open.push(client);
      return client;
    },
    async clean() {
      logged.length = 0;
      await Promise.all(open.splice(0).map((thing) => thing.close()));
    },
  };
}

/** The code of the failure that the work ends in. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return error instanceof MusterError ? error.code : `not a MusterError: ${String(error)}`;
}
