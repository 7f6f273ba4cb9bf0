import { createPrivateKey, generateKeyPairSync, webcrypto, X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestAuthority, type TestAuthority } from "@muster/agent-api/test-authority";
import { MusterError } from "@muster/model/errors";
import { Pkcs10CertificateRequest } from "@peculiar/x509";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { enrol } from "./enrol.ts";
import { readEnvironment } from "./env.ts";
import { beginAttempt, readIdentity, writeIdentity } from "./identity.ts";
import { joiner } from "./tokens.ts";

const NODE_ID = "n0123456789";
const newKeyPem = () =>
  generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const SECRET = "s".repeat(43);
const bodySchema = z.object({ token: z.string(), csrPem: z.string(), address: z.string(), hostname: z.string() });

let authority: TestAuthority;
let server: Server;
let url: string;
let directory: string;
const bodies: z.infer<typeof bodySchema>[] = [];
/** Which public key each token was spent for. */
const spent = new Map<string, string>();
/** The server is killed before its answer is on the wire. */
let answerIsLost = false;

/** The server's side of enrolment, as far as an agent sees it. */
async function serveEnrolment(): Promise<void> {
  const listener = await authority.issue("muster-enrolment");
  server = createServer(
    { key: listener.keyPem, cert: `${listener.certificatePem}\n${listener.caPem}`, minVersion: "TLSv1.3" },
    async (request, response) => {
      const body = bodySchema.parse(JSON.parse(Buffer.concat(await request.toArray()).toString()));
      bodies.push(body);
      const csr = new Pkcs10CertificateRequest(body.csrPem);
      const key = csr.publicKey.toString("pem");
      const payer = spent.get(body.token) ?? key;
      spent.set(body.token, payer);
      if (answerIsLost) {
        response.destroy();
        return;
      }
      if (payer !== key) {
        const error = { code: "token_invalid", message: "The token has been used." };
        response.writeHead(403).end(JSON.stringify({ error }));
        return;
      }
      expect(await csr.verify()).toBe(true);
      const publicKey = await csr.publicKey.export({ name: "ECDSA", namedCurve: "P-256" }, ["verify"], webcrypto);
      const certificatePem = await authority.sign(NODE_ID, publicKey);
      response.end(JSON.stringify({ nodeId: NODE_ID, certificatePem, caPem: listener.caPem }));
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  url = `https://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
}

const fingerprint = () => new X509Certificate(authority.caPem).fingerprint256.replaceAll(":", "").toLowerCase();
const token = () => `muster1.${fingerprint()}.${SECRET}`;

beforeEach(async () => {
  authority = await createTestAuthority();
  directory = mkdtempSync(join(tmpdir(), "muster-enrol-"));
  bodies.length = 0;
  spent.clear();
  answerIsLost = false;
  await serveEnrolment();
});
afterEach(async () => {
  rmSync(directory, { recursive: true });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const asked = (overrides: object = {}) => ({
  url,
  token: token(),
  keyPem: newKeyPem(),
  listen: { host: "127.0.0.1", port: 8083 },
  hostname: "host_1.example",
  simulated: false,
  ...overrides,
});

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "no error",
    (error: unknown) => (error instanceof MusterError ? error.code : String(error)),
  );
}

describe("enrolment", () => {
  it("buys a certificate for a key that never leaves the node", async () => {
    const identity = await enrol(asked());
    expect(identity.nodeId).toBe(NODE_ID);
    const certificate = new X509Certificate(identity.certificatePem);
    expect(certificate.subject).toBe(`CN=${NODE_ID}`);
    expect(certificate.checkPrivateKey(createPrivateKey(identity.keyPem))).toBe(true);
    expect(bodies).toMatchObject([{ address: "127.0.0.1:8083", hostname: "host-1.example" }]);
    expect(JSON.stringify(bodies)).not.toContain("PRIVATE");
  });

  it("tells the token to nobody whose authority has another fingerprint", async () => {
    const other = `muster1.${"0".repeat(64)}.${SECRET}`;
    expect(await codeOf(enrol(asked({ token: other })))).toBe("token_invalid");
    expect(bodies).toEqual([]);
  });

  it("refuses what is no token before it connects", async () => {
    expect(await codeOf(enrol(asked({ token: "muster1.short", url: "https://127.0.0.1:1" })))).toBe("token_invalid");
  });

  it("brings the server's own refusal", async () => {
    await enrol(asked());
    expect(await codeOf(enrol(asked()))).toBe("token_invalid");
  });

  it("says when nobody answers", async () => {
    expect(await codeOf(enrol(asked({ url: "https://127.0.0.1:1" })))).toBe("node_unreachable");
  });

  it("names the address it was reached from when it listens everywhere", async () => {
    await enrol(asked({ listen: { host: "0.0.0.0", port: 9000 } }));
    expect(bodies[0]?.address).toBe("127.0.0.1:9000");
  });
});

describe("an identity", () => {
  it("is kept where only the agent reads it, and needs no token again", async () => {
    const path = join(directory, "agent/identity");
    const variables = { MUSTER_DATA_DIR: directory, MUSTER_ENROL_URL: url, MUSTER_ENROL_TOKEN: token() };
    const { signal } = new AbortController();
    const log = pino({ level: "silent" });
    const first = joiner({ environment: readEnvironment(variables), log, signal });
    const identity = await first(path, { hostname: "h", simulated: false });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, "agent")).mode & 0o777).toBe(0o700);
    const second = joiner({ environment: readEnvironment({ MUSTER_DATA_DIR: directory }), log, signal });
    expect(await second(path, { hostname: "h", simulated: false })).toEqual(identity);
    expect(await codeOf(second(join(directory, "other"), { hostname: "h", simulated: false }))).toBe("token_invalid");
  });

  const kept = z.object({ token: z.string(), keyPem: z.string() });
  const joining = (path: string, variables: object, signal: AbortSignal) =>
    joiner({
      environment: readEnvironment({ MUSTER_DATA_DIR: directory, MUSTER_ENROL_URL: url, ...variables }),
      log: pino({ level: "silent" }),
      signal,
    })(path, { hostname: "h", simulated: false });

  it("is had for the token that was spent when the answer was lost, with the key that was kept", async () => {
    const path = join(directory, "agent/identity");
    const killed = new AbortController();
    answerIsLost = true;
    const first = joining(path, { MUSTER_ENROL_TOKEN: token() }, killed.signal);
    await expect.poll(() => spent.size).toBe(1);
    killed.abort();
    await expect(first).rejects.toThrow();
    expect(await readIdentity(path)).toBeNull();
    const attempt = kept.parse(JSON.parse(readFileSync(`${path}.attempt`, "utf8")));
    expect(attempt.token).toBe(token());
    expect(statSync(`${path}.attempt`).mode & 0o777).toBe(0o600);

    answerIsLost = false;
    const other = `muster1.${fingerprint()}.${"o".repeat(43)}`; // the set-up makes new tokens at every start
    const identity = await joining(path, { MUSTER_ENROL_TOKEN: other }, new AbortController().signal);
    expect(identity.keyPem).toBe(attempt.keyPem);
    expect([...spent.keys()]).toEqual([token()]);
    expect(existsSync(`${path}.attempt`)).toBe(false);
    expect(await readIdentity(path)).toEqual(identity);
  });

  it("is bought with the next token where that of the last attempt is refused", async () => {
    const path = join(directory, "agent/identity");
    const { signal } = new AbortController();
    await enrol(asked()); // somebody else spends it
    expect(await codeOf(joining(path, { MUSTER_ENROL_TOKEN: token() }, signal))).toBe("token_invalid");
    const { keyPem } = kept.parse(JSON.parse(readFileSync(`${path}.attempt`, "utf8")));
    const next = `muster1.${fingerprint()}.${"n".repeat(43)}`;
    const identity = await joining(path, { MUSTER_ENROL_TOKEN: next }, signal);
    expect([identity.keyPem, spent.has(next)]).toEqual([keyPem, true]);
  });

  it("outlives an attempt that was left beside it", async () => {
    const path = join(directory, "identity");
    const identity = { nodeId: NODE_ID, certificatePem: "c", keyPem: "k", caPem: "a" };
    await beginAttempt(path, token());
    await writeIdentity(path, identity);
    expect(await joining(path, {}, new AbortController().signal)).toEqual(identity);
    expect(existsSync(`${path}.attempt`)).toBe(false);
  });

  it("is whole on the disk, and one of nonsense is not believed", async () => {
    const path = join(directory, "identity");
    expect(await readIdentity(path)).toBeNull();
    const identity = { nodeId: NODE_ID, certificatePem: "c", keyPem: "k", caPem: "a" };
    await writeIdentity(path, identity);
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(identity);
    await expect(writeIdentity(path, { ...identity, nodeId: "../x" }).then(() => readIdentity(path))).rejects.toThrow();
  });
});
