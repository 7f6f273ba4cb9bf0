/**
 * How a node joins: it asks the server to sign its own key, and pays with a one-time token. The token
 * carries the fingerprint of the server's authority, so a node never tells its token to anybody else:
 *
 * 1. one connection only to look: of the certificates shown, the one with that fingerprint is the authority;
 * 2. a second one, verified against that authority by OpenSSL, on which the token is sent.
 */
import "reflect-metadata";
import { createHash, createPrivateKey, createPublicKey, type webcrypto } from "node:crypto";
import { request as httpsRequest } from "node:https";
import { connect, type DetailedPeerCertificate } from "node:tls";
import { PROTOCOL_VERSION } from "@muster/agent-api/agent";
import { errorViewSchema, MusterError } from "@muster/model/errors";
import { nodeIdSchema } from "@muster/model/ids";
import { Pkcs10CertificateRequestGenerator } from "@peculiar/x509";
import { z } from "zod";
import type { NodeIdentity } from "./identity.ts";

export interface EnrolRequest {
  url: string;
  token: string;
  /** The node's own key. Asked again with it, the server gives the same node: an answer that was lost costs nothing. */
  keyPem: string;
  /** host:port under which the server will call; the host may be left open (a wildcard). */
  listen: { host: string; port: number };
  hostname: string;
  simulated: boolean;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
/** The name in the enrolment listener's certificate; what matters is who signed it. */
const LISTENER_NAME = "muster-enrolment";
const TIMEOUT_MS = 10_000;
const ANSWER_MAX_BYTES = 64 * 1024;

const tokenSchema = z.string().regex(/^muster1\.[0-9a-f]{64}\.[A-Za-z0-9_-]{43}$/);
const grantedSchema = z.object({ nodeId: nodeIdSchema, certificatePem: z.string(), caPem: z.string() });
const refusedSchema = z.object({ error: errorViewSchema });

/** token_invalid, protocol_mismatch, node_unreachable where the server does not answer */
export async function enrol(asked: EnrolRequest): Promise<NodeIdentity> {
  const token = tokenSchema.safeParse(asked.token.trim());
  if (!token.success) throw new MusterError("token_invalid", "The enrolment token is not one of Muster's.");
  const fingerprint = token.data.split(".")[1] ?? "";
  const { caPem, localAddress } = await findAuthority(asked.url, fingerprint);
  const keys = keysOf(asked.keyPem);
  const csr = await Pkcs10CertificateRequestGenerator.create({ name: "CN=node", keys, signingAlgorithm: ALGORITHM });
  const answer = await post(asked.url, caPem, {
    token: token.data,
    csrPem: csr.toString("pem"),
    protocolVersion: PROTOCOL_VERSION,
    address: advertised(asked.listen, localAddress),
    hostname: hostnameOf(asked.hostname),
    simulated: asked.simulated,
  });
  const granted = grantedSchema.parse(answer);
  return { nodeId: granted.nodeId, certificatePem: granted.certificatePem, caPem, keyPem: asked.keyPem };
}

function keysOf(keyPem: string): webcrypto.CryptoKeyPair {
  const privateKey = createPrivateKey(keyPem);
  return {
    privateKey: privateKey.toCryptoKey(ALGORITHM, false, ["sign"]),
    publicKey: createPublicKey(privateKey).toCryptoKey(ALGORITHM, true, ["verify"]),
  };
}

const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, "");
const portOf = (url: URL): number => Number(url.port || 443);

function findAuthority(text: string, fingerprint: string): Promise<{ caPem: string; localAddress: string }> {
  const url = new URL(text);
  return new Promise((resolve, reject) => {
    // Not verified: nothing is sent here, and what is read is compared with the fingerprint.
    const socket = connect({
      host: hostOf(url),
      port: portOf(url),
      servername: LISTENER_NAME,
      rejectUnauthorized: false,
      minVersion: "TLSv1.3",
      timeout: TIMEOUT_MS,
    });
    socket.once("error", (cause) => reject(silent(cause)));
    socket.once("timeout", () => socket.destroy(new Error(`no answer in ${TIMEOUT_MS} ms`)));
    socket.once("secureConnect", () => {
      const authority = chainOf(socket.getPeerCertificate(true)).find((raw) => sha256(raw) === fingerprint);
      const localAddress = socket.localAddress ?? "127.0.0.1";
      socket.destroy();
      if (authority !== undefined) resolve({ caPem: pemOf(authority), localAddress });
      else
        reject(new MusterError("token_invalid", "The token belongs to another server than the one at this address."));
    });
  });
}

function chainOf(certificate: DetailedPeerCertificate): Buffer[] {
  const chain: Buffer[] = [];
  for (let each = certificate; each?.raw !== undefined && chain.length < 5; each = each.issuerCertificate) {
    chain.push(each.raw);
    if (each === each.issuerCertificate) break; // Node makes a root its own issuer
  }
  return chain;
}

function post(text: string, caPem: string, body: object): Promise<unknown> {
  const url = new URL("/enrol", text);
  return new Promise((resolve, reject) => {
    const request = httpsRequest({
      host: hostOf(url),
      port: portOf(url),
      path: url.pathname,
      method: "POST",
      headers: { "content-type": "application/json" },
      ca: caPem,
      servername: LISTENER_NAME,
      minVersion: "TLSv1.3",
      timeout: TIMEOUT_MS,
      agent: false,
    });
    request.once("error", (cause) => reject(silent(cause)));
    request.once("timeout", () => request.destroy(new Error(`no answer in ${TIMEOUT_MS} ms`)));
    request.once("response", (response) => {
      let answer = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        answer += chunk;
        if (answer.length > ANSWER_MAX_BYTES) request.destroy(new Error("the answer is too long"));
      });
      response.once("end", () => {
        try {
          if (response.statusCode === 200) resolve(JSON.parse(answer));
          else reject(refusal(JSON.parse(answer)));
        } catch (cause) {
          reject(silent(cause));
        }
      });
    });
    request.end(JSON.stringify(body));
  });
}

function refusal(answer: unknown): MusterError {
  const { code, message, field } = refusedSchema.parse(answer).error;
  return new MusterError(code, message, field === undefined ? {} : { field });
}

/** The server is the one who does not answer here; the code is the same in both directions. */
const silent = (cause: unknown) =>
  new MusterError("node_unreachable", "The server does not answer at MUSTER_ENROL_URL.", { cause });

/** A wildcard is no address to call: then it is the one from which the server was reached. */
function advertised({ host, port }: EnrolRequest["listen"], localAddress: string): string {
  const name = host === "0.0.0.0" || host === "::" ? localAddress : host;
  return name.includes(":") ? `[${name}]:${port}` : `${name}:${port}`;
}

/** As much of it as a host name may have (RFC 1123). */
function hostnameOf(text: string): string {
  const name = text.replace(/[^A-Za-z0-9.-]/g, "-").slice(0, 63);
  return name.replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "") || "node";
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

function pemOf(der: Buffer): string {
  const text = der.toString("base64");
  return `-----BEGIN CERTIFICATE-----\n${text.replace(/.{64}(?=.)/g, "$&\n")}\n-----END CERTIFICATE-----\n`;
}
