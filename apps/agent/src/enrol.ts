/**
 * How a node joins: it asks the server to sign its own key, and pays with a one-time token. The token
 * carries the fingerprint of the server's authority, so a node never tells its token to anybody else:
 *
 * 1. one connection only to look: of the certificates shown, the one with that fingerprint is the authority;
 * 2. a second one, verified against that authority by OpenSSL, on which the token is sent.
 */
import "reflect-metadata";
import { createHash, createPrivateKey, createPublicKey, type webcrypto } from "node:crypto";
import { connect, type DetailedPeerCertificate } from "node:tls";
import { PROTOCOL_VERSION } from "@muster/agent-api/agent";
import { MusterError } from "@muster/model/errors";
import { nodeIdSchema } from "@muster/model/ids";
import { Pkcs10CertificateRequestGenerator } from "@peculiar/x509";
import { z } from "zod";
import { advertised, hostnameOf, hostOf, LISTENER_NAME, portOf, postToDoor, silent, TIMEOUT_MS } from "./door.ts";
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

const tokenSchema = z.string().regex(/^muster1\.[0-9a-f]{64}\.[A-Za-z0-9_-]{43}$/);
const grantedSchema = z.object({ nodeId: nodeIdSchema, certificatePem: z.string(), caPem: z.string() });

/** token_invalid, protocol_mismatch, node_unreachable where the server does not answer */
export async function enrol(asked: EnrolRequest): Promise<NodeIdentity> {
  const token = tokenSchema.safeParse(asked.token.trim());
  if (!token.success) throw new MusterError("token_invalid", "The enrolment token is not one of Muster's.");
  const fingerprint = token.data.split(".")[1] ?? "";
  const { caPem, localAddress } = await findAuthority(asked.url, fingerprint);
  const keys = keysOf(asked.keyPem);
  const csr = await Pkcs10CertificateRequestGenerator.create({ name: "CN=node", keys, signingAlgorithm: ALGORITHM });
  const body = {
    token: token.data,
    csrPem: csr.toString("pem"),
    protocolVersion: PROTOCOL_VERSION,
    address: advertised(asked.listen, localAddress),
    hostname: hostnameOf(asked.hostname),
    simulated: asked.simulated,
  };
  const answer = await postToDoor(new URL("/enrol", asked.url), body, { ca: caPem });
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

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

function pemOf(der: Buffer): string {
  const text = der.toString("base64");
  return `-----BEGIN CERTIFICATE-----\n${text.replace(/.{64}(?=.)/g, "$&\n")}\n-----END CERTIFICATE-----\n`;
}
