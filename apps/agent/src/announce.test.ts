import { once } from "node:events";
import { createServer, type Server } from "node:https";
import { TLSSocket } from "node:tls";
import { PROTOCOL_VERSION } from "@muster/agent-api/agent";
import { createTestAuthority, type TestAuthority } from "@muster/agent-api/test-authority";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { announceWhileUnheard } from "./announce.ts";

const NODE_ID = "n0123456789";

interface Call {
  path: string | undefined;
  /** The common name that the caller proves to have. */
  caller: string | undefined;
  body: unknown;
}

let authority: TestAuthority;
let door: Server;
let url: string;
let answer: { status: number; body: object };
let calls: Call[] = [];

beforeAll(async () => {
  authority = await createTestAuthority();
  const { certificatePem: cert, keyPem: key, caPem: ca } = await authority.issue("muster-enrolment");
  door = createServer({ cert, key, ca, requestCert: true, rejectUnauthorized: false }, (request, response) => {
    let text = "";
    request.on("data", (piece: Buffer) => (text += piece.toString()));
    request.on("end", () => {
      const { socket, url: path } = request;
      const subject = socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.subject : undefined;
      calls.push({ path, caller: subject, body: JSON.parse(text) });
      response.writeHead(answer.status).end(JSON.stringify(answer.body));
    });
  });
  door.listen(0, "127.0.0.1");
  await once(door, "listening");
  url = `https://127.0.0.1:${z.object({ port: z.number() }).parse(door.address()).port}`;
});
afterEach(() => {
  calls = [];
});
afterAll(() => door.close());

/** Runs until something was logged, or, where nothing should happen, through the first look. */
async function run({ heardMs, host = "10.0.0.2" }: { heardMs: () => number; host?: string }) {
  const stop = new AbortController();
  const logged: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const told = (facts: object, message: string) => {
    const parsed = z.object({ err: z.instanceof(Error).optional() }).parse(facts);
    logged.push(parsed.err?.message ?? message);
    resolve();
  };
  const log = { info: told, warn: told };
  const identity = { nodeId: NODE_ID, ...(await authority.issue(NODE_ID)) };
  const node = { identity, hostname: "host", simulated: false, heardMs };
  const ended = announceWhileUnheard(node, { url, listen: { host, port: 8083 }, log, signal: stop.signal });
  if (performance.now() - heardMs() > 10_000) await promise;
  stop.abort();
  await ended;
  return logged;
}

const never = () => Number.NEGATIVE_INFINITY;

describe("a node that no server asks for", () => {
  test("announces itself with its own certificate and the address where it is to be asked", async () => {
    answer = { status: 200, body: { state: "known" } };
    expect(await run({ heardMs: never })).toEqual(["announced to the server"]);
    const body = { protocolVersion: PROTOCOL_VERSION, address: "10.0.0.2:8083", hostname: "host", simulated: false };
    expect(calls).toEqual([{ path: "/announce", caller: `CN=${NODE_ID}`, body }]);
  });

  test("that listens everywhere gives the address from which it reaches the server", async () => {
    answer = { status: 200, body: { state: "readmitted" } };
    await run({ heardMs: never, host: "0.0.0.0" });
    expect(calls).toMatchObject([{ body: { address: "127.0.0.1:8083" } }]);
  });

  test("logs in the server's own words why it is not taken in", async () => {
    answer = { status: 403, body: { error: { code: "forbidden", message: "This node was removed." } } };
    expect(await run({ heardMs: never })).toEqual(["This node was removed."]);
  });
});

test("a node that is being asked says nothing", async () => {
  expect(await run({ heardMs: () => performance.now() })).toEqual([]);
  expect(calls).toEqual([]);
});
