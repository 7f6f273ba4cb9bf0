import "reflect-metadata";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { databaseAccess } from "@muster/control/database-access";
import { createTokenStore } from "@muster/control/tokens/store";
import { createEnrolment as createTokens } from "@muster/control/tokens/tokens";
import { type Database, openDatabase } from "@muster/db/client";
import { createTestDatabase, type TestDatabase } from "@muster/db/testing/database";
import { X509Certificate } from "@peculiar/x509";
import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { type Authority, openAuthority } from "./authority.ts";
import { createEnrolment } from "./enrolment.ts";
import { joiningBody, newJoining, post } from "./test-node.ts";

const log = pino({ level: "silent" });
let nowMs = Date.now();
const clock = { nowMs: () => nowMs };

let directory: string;
let own: TestDatabase;
let database: Database;
let authority: Authority;
let app: FastifyInstance;
let port: number;
let newToken: () => Promise<string>;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "muster-enrolment-"));
  own = await createTestDatabase();
  database = openDatabase(own.url);
  authority = await openAuthority(directory);
  const parts = { tokens: createTokenStore(databaseAccess(database), clock), clock, caPem: authority.caPem };
  const tokens = createTokens({
    ...parts,
    enrolUrl: "https://127.0.0.1:8082",
    adopt: false,
    runner: { wake: () => {} },
  });
  newToken = async () => (await tokens.createToken({ actor: "test" })).token;
  const identity = await authority.issueListener();
  app = createEnrolment({ authority, identity, enrolment: tokens, nowMs: clock.nowMs, log });
  await app.listen({ host: "127.0.0.1", port: 0 });
  port = z.object({ port: z.number() }).parse(app.server.address()).port;
});

afterAll(async () => {
  await app.close();
  await database.close();
  await own.drop();
  await rm(directory, { recursive: true });
});

const granted = z.object({ nodeId: z.string(), certificatePem: z.string(), caPem: z.string() });
const refused = z.object({ error: z.object({ code: z.string(), message: z.string(), field: z.string().optional() }) });
const codeOf = (body: unknown) => refused.parse(body).error.code;
const enrol = async (token: string, extra: object = {}) =>
  post(port, JSON.stringify({ ...joiningBody(token, await newJoining()), ...extra }));

describe("a node that joins", () => {
  test("gets a certificate for its own key and id, which may only serve", async () => {
    const token = await newToken();
    const joining = await newJoining();
    const answer = await post(port, JSON.stringify(joiningBody(token, joining)));
    const { nodeId, certificatePem, caPem } = granted.parse(answer.body);
    expect(answer.status).toBe(200);
    expect(caPem).toBe(authority.caPem);
    const certificate = new X509Certificate(certificatePem);
    expect(certificate.subject).toBe(`CN=${nodeId}`);
    expect(await certificate.verify({ publicKey: new X509Certificate(caPem).publicKey })).toBe(true);
    expect(certificate.toString("text")).toContain(nodeId);
    expect(JSON.stringify(certificate.getExtension("2.5.29.37"))).not.toContain("1.3.6.1.5.5.7.3.2");
  });

  test("finds in the handshake the fingerprint that its token pins", async () => {
    const token = await newToken();
    const { rootFingerprint } = await enrol(token);
    expect(token.split(".")[1]).toBe(rootFingerprint);
  });
});

describe("a token", () => {
  test("is good once: of ten that come at once with it one gets in", async () => {
    const token = await newToken();
    const answers = await Promise.all(Array.from({ length: 10 }, () => enrol(token)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status, body }) => status === 403 && codeOf(body) === "token_invalid")).toHaveLength(9);
  });

  test("that was spent gives the same key the same node again, with a certificate of its own", async () => {
    const body = JSON.stringify(joiningBody(await newToken(), await newJoining()));
    const [first, second] = [
      granted.parse((await post(port, body)).body),
      granted.parse((await post(port, body)).body),
    ];
    expect(second.nodeId).toBe(first.nodeId);
    const [lost, kept] = [new X509Certificate(first.certificatePem), new X509Certificate(second.certificatePem)];
    expect(kept.serialNumber).not.toBe(lost.serialNumber);
    expect(kept.publicKey.equal(lost.publicKey)).toBe(true);
  });

  test("is no longer good after an hour", async () => {
    const token = await newToken();
    nowMs += 3_600_001;
    const { status, body } = await enrol(token);
    expect([status, codeOf(body)]).toEqual([403, "token_invalid"]);
  });

  test("is not spent by a request that could not be signed", async () => {
    const token = await newToken();
    const broken = await enrol(token, {
      csrPem: "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----",
    });
    expect([broken.status, codeOf(broken.body)]).toEqual([400, "invalid_input"]);
    expect((await enrol(token)).status).toBe(200);
  });

  test("is asked for in vain from an address that sent thirty wrong ones, for a minute", async () => {
    nowMs += 60_001;
    const wrong = `muster1.${"0".repeat(64)}.${"A".repeat(43)}`;
    for (let tries = 0; tries < 30; tries += 1) expect((await enrol(wrong)).status).toBe(403);
    const { status, body } = await enrol(await newToken());
    expect([status, codeOf(body)]).toEqual([429, "overloaded"]);
    nowMs += 60_001;
    expect((await enrol(await newToken())).status).toBe(200);
  });
});

describe("bad input", () => {
  test.each([
    ["no address", { address: "" }, "address"],
    ["a port that is none", { address: "127.0.0.1:99999" }, "address"],
    ["a host that is none", { address: "1.2.3.4.5:8083" }, "address"],
    ["an option as a host name", { hostname: "--help" }, "hostname"],
    ["a path as a host name", { hostname: "../x" }, "hostname"],
    ["a number as a token", { token: 5 }, "token"],
  ])("%s is named with its field", async (_title, wrong, field) => {
    const { status, body } = await enrol(await newToken(), wrong);
    expect(status).toBe(400);
    expect(refused.parse(body).error).toMatchObject({ code: "invalid_input", field });
  });

  test("another protocol is refused as such", async () => {
    const { status, body } = await enrol(await newToken(), { protocolVersion: 99 });
    expect([status, codeOf(body)]).toEqual([412, "protocol_mismatch"]);
  });

  test.each([
    ["what is not JSON", "{"],
    ["a flood", JSON.stringify({ token: "x".repeat(20_000) })],
  ])("%s is refused as invalid_input", async (_title, text) => {
    const { status, body } = await post(port, text);
    expect([status, codeOf(body)]).toEqual([400, "invalid_input"]);
  });

  test("TLS 1.2 is refused", async () => {
    await expect(post(port, "{}", { maxVersion: "TLSv1.2" })).rejects.toThrow(/protocol version|alert/i);
  });
});

test("the authority is the same after a restart, and nobody else may read its file", async () => {
  expect((await openAuthority(directory)).fingerprint).toBe(authority.fingerprint);
  expect((await stat(join(directory, "authority.pem"))).mode & 0o777).toBe(0o600);
});

test("two programs that start at once share one authority", async () => {
  const fresh = await mkdtemp(join(tmpdir(), "muster-authority-"));
  try {
    const opened = await Promise.all(Array.from({ length: 5 }, () => openAuthority(fresh)));
    expect(new Set(opened.map(({ fingerprint }) => fingerprint)).size).toBe(1);
  } finally {
    await rm(fresh, { recursive: true });
  }
});
