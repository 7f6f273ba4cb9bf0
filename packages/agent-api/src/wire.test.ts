import { createServer, request as httpsRequest } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:tls";
import { MusterError } from "@muster/model/errors";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Agent } from "./agent.ts";
import { type AgentClient, type AgentLink, connectAgent } from "./client.ts";
import { type AgentListener, type Credentials, listenAgents } from "./listen.ts";
import { createTestAgent, TEST_NODE_ID, TEST_STATUS, TEST_VPS_ID, testSample } from "./test-agent.ts";
import { createTestAuthority, type TestAuthority } from "./test-authority.ts";
import { PROTOCOL_HEADER } from "./wire.ts";

/** A slow machine takes longer than the default second. */
const soon = <T>(look: () => T) => expect.poll(look, { timeout: 10_000 });

let authority: TestAuthority;
let stranger: TestAuthority;
let nodeCredentials: Credentials;
let serverCredentials: Credentials;
const open: { close(): unknown }[] = [];
const logged: { method: string; error: unknown }[] = [];

beforeAll(async () => {
  [authority, stranger] = await Promise.all([createTestAuthority(), createTestAuthority()]);
  [nodeCredentials, serverCredentials] = await Promise.all([
    authority.issue(TEST_NODE_ID),
    authority.issue("muster-server"),
  ]);
});

afterEach(async () => {
  logged.length = 0;
  await Promise.all(open.splice(0).map((thing) => thing.close()));
});

async function listen(agent: Agent, port = 0): Promise<AgentListener> {
  const listener = await listenAgents({
    nodes: [{ ...nodeCredentials, nodeId: TEST_NODE_ID, agent }],
    host: "127.0.0.1",
    port,
    onError: (failure) => logged.push(failure),
  });
  open.push(listener);
  return listener;
}

function clientOf(listener: AgentListener, link: Partial<AgentLink> = {}): AgentClient {
  const client = connectAgent({
    address: `127.0.0.1:${listener.port}`,
    nodeId: TEST_NODE_ID,
    ...serverCredentials,
    ...link,
  });
  open.push(client);
  return client;
}

const tlsOf = ({ caPem, certificatePem, keyPem }: Credentials) => ({ ca: caPem, cert: certificatePem, key: keyPem });

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return error instanceof MusterError ? error.code : `not a MusterError: ${String(error)}`;
}

describe("a call", () => {
  it("brings the agent's answer, parsed", async () => {
    const client = clientOf(await listen(createTestAgent()));
    expect(await client.describe()).toMatchObject({ nodeId: TEST_NODE_ID, simulated: true });
    expect(await client.listVps()).toEqual([TEST_STATUS]);
    expect(
      await client.deleteVps({ key: "k", vpsId: TEST_VPS_ID, epoch: 1 }, AbortSignal.timeout(5000)),
    ).toBeUndefined();
  });

  it("carries a failure across with code, sentence, field and the engine's own words", async () => {
    const failing = createTestAgent({
      createVps: async () => {
        throw new MusterError("address_taken", "10.80.0.9 is in use.", {
          field: "address",
          cause: new Error("outer", { cause: new Error("RTNETLINK answers: File exists") }),
        });
      },
    });
    const client = clientOf(await listen(failing));
    const input = {
      key: "k",
      vpsId: TEST_VPS_ID,
      epoch: 1,
      generation: 1,
      mac: "02:4d:0a:50:00:09",
      spec: {
        name: "a",
        template: "busybox",
        address: "10.80.0.9",
        cpuCores: 1,
        memoryBytes: 2 ** 26,
        diskBytes: 2 ** 30,
        pidsMax: 64,
      },
    };
    const error = await client.createVps(input, AbortSignal.timeout(5000)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "address_taken", message: "10.80.0.9 is in use.", field: "address" });
    expect(error).toHaveProperty("cause.message", "outer: RTNETLINK answers: File exists");
    expect(logged).toMatchObject([{ method: "createVps", error: { code: "address_taken" } }]);
  });

  it("says nothing of itself when what failed is no MusterError", async () => {
    const client = clientOf(
      await listen(createTestAgent({ listVps: () => Promise.reject(new Error("/secret/path")) })),
    );
    await expect(client.listVps()).rejects.toMatchObject({
      code: "internal",
      message: "Something unexpected went wrong.",
    });
  });

  it("refuses input that does not parse, and names the field", async () => {
    const client = clientOf(await listen(createTestAgent()));
    const bad = client.exec({ vpsId: "../../etc", argv: ["x"], timeoutMs: 5 }, AbortSignal.timeout(5000));
    await expect(bad).rejects.toMatchObject({ code: "invalid_input", field: "vpsId" });
  });

  it("refuses an answer that does not parse", async () => {
    const lying = createTestAgent({ listVps: async () => [{ ...TEST_STATUS, statusSeq: -1 }] });
    expect(await codeOf(clientOf(await listen(lying)).listVps())).toBe("internal");
  });

  it("refuses a body above 1 MiB", async () => {
    const client = clientOf(await listen(createTestAgent()));
    const argv = Array.from({ length: 64 }, () => "\u{1F600}".repeat(4096));
    expect(await codeOf(client.exec({ vpsId: TEST_VPS_ID, argv, timeoutMs: 5 }, AbortSignal.timeout(5000)))).not.toBe(
      "",
    );
  });

  it("is cancelled on the node when its caller gives up", async () => {
    let cancelled = false;
    const slow = createTestAgent({
      stopVps: (_input, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => {
            cancelled = true;
            reject(new Error("cancelled"));
          });
        }),
    });
    const client = clientOf(await listen(slow));
    const caller = new AbortController();
    const stop = client.stopVps({ key: "k", vpsId: TEST_VPS_ID, epoch: 1, graceMs: 0 }, caller.signal);
    setTimeout(() => caller.abort(new MusterError("busy", "given up")), 100);
    expect(await codeOf(stop)).toBe("busy");
    await soon(() => cancelled).toBe(true);
  });

  it("reaches the node it names, where several share an address", async () => {
    const ids = ["n0000000001", "n0000000002"];
    const nodes = await Promise.all(
      ids.map(async (nodeId) => ({
        ...(await authority.issue(nodeId)),
        nodeId,
        agent: createTestAgent({ describe: async () => ({ ...(await createTestAgent().describe()), nodeId }) }),
      })),
    );
    const listener = await listenAgents({
      nodes,
      host: "127.0.0.1",
      port: 0,
      onError: (failure) => logged.push(failure),
    });
    open.push(listener);
    for (const nodeId of ids) expect(await clientOf(listener, { nodeId }).describe()).toMatchObject({ nodeId });
    expect(await codeOf(clientOf(listener, { nodeId: "n0000000003" }).describe())).toBe("node_unreachable");
  });

  it("reaches an agent that was restarted since the last one", async () => {
    const first = await listen(createTestAgent());
    const client = clientOf(first);
    await client.describe();
    await first.close();
    expect(await codeOf(client.describe())).toBe("node_unreachable");
    await listen(createTestAgent(), first.port);
    await client.describe();
  });
});

describe("a stream", () => {
  it("brings items as they come and ends when the agent ends it", async () => {
    const agent = createTestAgent({
      async *watchSamples() {
        for (const at of [1, 2, 3]) {
          yield testSample(at, 2);
          await sleep(10);
        }
      },
    });
    const client = clientOf(await listen(agent));
    const seen: number[] = [];
    for await (const sample of client.watchSamples(AbortSignal.timeout(5000))) seen.push(sample.monotonicMs);
    expect(seen).toEqual([1, 2, 3]);
  });

  it("ends quietly on the reader's abort, and the agent's side ends too", async () => {
    let ended = false;
    const agent = createTestAgent({
      async *watchVps(signal) {
        try {
          yield TEST_STATUS;
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
        } finally {
          ended = true;
        }
      },
    });
    const client = clientOf(await listen(agent));
    const reader = new AbortController();
    for await (const status of client.watchVps(reader.signal)) {
      expect(status).toEqual(TEST_STATUS);
      reader.abort();
    }
    await soon(() => ended).toBe(true);
  });

  it("throws what the agent threw, before the first item and after it", async () => {
    const agent = createTestAgent({
      async *terminalOutput({ afterSeq }) {
        if (afterSeq === 1) yield { type: "data" as const, seq: 1, data: "aGk=" };
        throw new MusterError("not_found", "There is no such terminal.");
      },
    });
    const client = clientOf(await listen(agent));
    const read = async (afterSeq: number) => {
      const signal = AbortSignal.timeout(5000);
      for await (const _ of client.terminalOutput({ terminalId: "0".repeat(32), afterSeq }, signal));
    };
    expect(await codeOf(read(0))).toBe("not_found");
    expect(await codeOf(read(1))).toBe("not_found");
  });

  it("says that the node is unreachable when the agent dies in the middle", async () => {
    const agent = createTestAgent({
      async *watchVps(signal) {
        yield TEST_STATUS;
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
      },
    });
    const listener = await listen(agent);
    const client = clientOf(listener);
    const read = async () => {
      for await (const _ of client.watchVps(AbortSignal.timeout(5000))) void listener.close();
    };
    expect(await codeOf(read())).toBe("node_unreachable");
  });
});

describe("two versions of the protocol", () => {
  const ask = (port: number, version: string) =>
    new Promise<string>((resolve, reject) => {
      const { keyPem: key, certificatePem: cert, caPem: ca } = serverCredentials;
      const headers = { [PROTOCOL_HEADER]: version };
      const options = { host: "127.0.0.1", port, path: "/describe", method: "POST", headers, key, cert, ca };
      const request = httpsRequest({ ...options, servername: TEST_NODE_ID, agent: false }, (response) => {
        response.setEncoding("utf8").once("data", resolve);
      });
      request.once("error", reject).end();
    });

  it("are refused by the agent", async () => {
    const { port } = await listen(createTestAgent());
    expect(await ask(port, "2")).toContain("protocol_mismatch");
    expect(await ask(port, "1")).toContain(TEST_NODE_ID);
  });

  it("are refused by the server", async () => {
    const newer = createServer({ ...tlsOf(nodeCredentials) }, (_request, response) => {
      response.setHeader(PROTOCOL_HEADER, 2).end(JSON.stringify({ result: { data: [] } }));
    });
    await new Promise<void>((resolve) => newer.listen(0, "127.0.0.1", resolve));
    open.push({ close: () => newer.closeAllConnections() }, { close: () => newer.close() });
    const address = newer.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const client = clientOf({ port, close: async () => undefined });
    expect(await codeOf(client.listVps())).toBe("protocol_mismatch");
    const read = async () => {
      for await (const _ of client.watchVps(AbortSignal.timeout(5000)));
    };
    expect(await codeOf(read())).toBe("protocol_mismatch");
  });
});

describe("trust", () => {
  const firstAnswer = (port: number, options: { key?: string; cert?: string; maxVersion?: "TLSv1.2" }) =>
    new Promise<string>((resolve) => {
      const socket = connect({
        host: "127.0.0.1",
        port,
        servername: TEST_NODE_ID,
        rejectUnauthorized: false,
        ...options,
      });
      socket.on("secureConnect", () => socket.write("POST /describe HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n"));
      socket.on("data", (data) => resolve(data.toString()));
      socket.on("error", () => resolve("refused"));
      socket.on("close", () => resolve("refused"));
    });

  it("is refused without a certificate", async () => {
    const { port } = await listen(createTestAgent());
    expect(await firstAnswer(port, {})).toBe("refused");
  });

  it("is refused with a certificate of another authority", async () => {
    const theirs = await stranger.issue("muster-server");
    const { port } = await listen(createTestAgent());
    expect(await firstAnswer(port, { key: theirs.keyPem, cert: theirs.certificatePem })).toBe("refused");
  });

  it("is refused to another node of the same authority", async () => {
    const other = await authority.issue("n9999999999");
    const { port } = await listen(createTestAgent());
    expect(await firstAnswer(port, { key: other.keyPem, cert: other.certificatePem })).toBe("refused");
  });

  it("is refused below TLS 1.3", async () => {
    const { keyPem: key, certificatePem: cert } = serverCredentials;
    const { port } = await listen(createTestAgent());
    expect(await firstAnswer(port, { key, cert, maxVersion: "TLSv1.2" })).toBe("refused");
    expect(await firstAnswer(port, { key, cert })).toContain("HTTP/1.1 412");
  });

  it("is refused by the server to a node that has another name, or another authority", async () => {
    const listener = await listen(createTestAgent());
    const renamed = clientOf(listener, { nodeId: "n9999999999" });
    const distrusting = clientOf(listener, { caPem: stranger.caPem });
    await expect(renamed.describe()).rejects.toMatchObject({ code: "node_unreachable" });
    await expect(distrusting.describe()).rejects.toMatchObject({ code: "node_unreachable" });
  });
});
