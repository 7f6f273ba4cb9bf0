import { createServer, request as httpsRequest } from "node:https";
import { connect } from "node:tls";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { PROTOCOL_VERSION } from "./agent.ts";
import type { Credentials } from "./listen.ts";
import { createTestAgent, TEST_NODE_ID } from "./test-agent.ts";
import { createTestAuthority } from "./test-authority.ts";
import { codeOf, createTestWire, type TestWire } from "./test-wire.ts";
import { PROTOCOL_HEADER } from "./wire.ts";

let wire: TestWire;
beforeAll(async () => {
  wire = await createTestWire();
});
afterEach(() => wire.clean());

const tlsOf = ({ caPem, certificatePem, keyPem }: Credentials) => ({ ca: caPem, cert: certificatePem, key: keyPem });

describe("two versions of the protocol", () => {
  const ask = (port: number, version: string) =>
    new Promise<string>((resolve, reject) => {
      const { keyPem: key, certificatePem: cert, caPem: ca } = wire.server;
      const headers = { [PROTOCOL_HEADER]: version };
      const options = { host: "127.0.0.1", port, path: "/describe", method: "POST", headers, key, cert, ca };
      const request = httpsRequest({ ...options, servername: TEST_NODE_ID, agent: false }, (response) => {
        response.setEncoding("utf8").once("data", resolve);
      });
      request.once("error", reject).end();
    });

  it("are refused by the agent", async () => {
    const { port } = await wire.listen(createTestAgent());
    expect(await ask(port, String(PROTOCOL_VERSION + 1))).toContain("protocol_mismatch");
    expect(await ask(port, String(PROTOCOL_VERSION))).toContain(TEST_NODE_ID);
  });

  it("are refused by the server", async () => {
    const newer = createServer({ ...tlsOf(wire.node) }, (_request, response) => {
      response.setHeader(PROTOCOL_HEADER, PROTOCOL_VERSION + 1).end(JSON.stringify({ result: { data: [] } }));
    });
    await new Promise<void>((resolve) => newer.listen(0, "127.0.0.1", resolve));
    wire.open.push({ close: () => newer.closeAllConnections() }, { close: () => newer.close() });
    const address = newer.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const client = wire.clientOf({ port });
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
    const { port } = await wire.listen(createTestAgent());
    expect(await firstAnswer(port, {})).toBe("refused");
  });

  it("is refused with a certificate of another authority", async () => {
    const theirs = await (await createTestAuthority()).issue("muster-server");
    const { port } = await wire.listen(createTestAgent());
    expect(await firstAnswer(port, { key: theirs.keyPem, cert: theirs.certificatePem })).toBe("refused");
  });

  it("is refused to another node of the same authority", async () => {
    const other = await wire.authority.issue("n9999999999");
    const { port } = await wire.listen(createTestAgent());
    expect(await firstAnswer(port, { key: other.keyPem, cert: other.certificatePem })).toBe("refused");
  });

  it("is refused below TLS 1.3", async () => {
    const { keyPem: key, certificatePem: cert } = wire.server;
    const { port } = await wire.listen(createTestAgent());
    expect(await firstAnswer(port, { key, cert, maxVersion: "TLSv1.2" })).toBe("refused");
    expect(await firstAnswer(port, { key, cert })).toContain("HTTP/1.1 412");
  });

  it("is refused by the server to a node that has another name, or another authority", async () => {
    const listener = await wire.listen(createTestAgent());
    const renamed = wire.clientOf(listener, { nodeId: "n9999999999" });
    const distrusting = wire.clientOf(listener, { caPem: (await createTestAuthority()).caPem });
    await expect(renamed.describe()).rejects.toMatchObject({ code: "node_unreachable" });
    await expect(distrusting.describe()).rejects.toMatchObject({ code: "node_unreachable" });
  });
});
