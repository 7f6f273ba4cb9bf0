/** A joining node, as small as can be, for the tests of the door: a key, a request, and the pinned fingerprint. */
import "reflect-metadata";
import { createHash, webcrypto } from "node:crypto";
import { request } from "node:https";
import { TLSSocket } from "node:tls";
import { PROTOCOL_VERSION } from "@muster/agent-api/agent";
import { Pkcs10CertificateRequestGenerator } from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

export interface Joining {
  csrPem: string;
  keyPem: string;
}

export async function newJoining(): Promise<Joining> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const csr = await Pkcs10CertificateRequestGenerator.create({ name: "CN=joining", keys, signingAlgorithm: ALGORITHM });
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  return { csrPem: csr.toString("pem"), keyPem: `-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----\n` };
}

export function joiningBody(token: string, { csrPem }: Joining, address = "127.0.0.1:18499"): object {
  return { token, csrPem, protocolVersion: PROTOCOL_VERSION, address, hostname: "host", simulated: false };
}

export interface Answer {
  status: number;
  body: unknown;
  /** SHA-256 of the last certificate of the chain: what a token pins. */
  rootFingerprint: string;
}

function rootFingerprintOf(socket: TLSSocket): string {
  let certificate = socket.getPeerCertificate(true);
  while (certificate.issuerCertificate !== undefined && certificate.issuerCertificate !== certificate) {
    certificate = certificate.issuerCertificate;
  }
  return createHash("sha256").update(certificate.raw).digest("hex");
}

/** What a node that has joined says of itself when no server asks for it. */
export function announcingBody(address = "127.0.0.1:18499"): object {
  return { protocolVersion: PROTOCOL_VERSION, address, hostname: "host", simulated: false };
}

/** @param tls and what else is to be different, such as the path. */
export function post(port: number, body: string, tls: object = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = {
      host: "127.0.0.1",
      port,
      path: "/enrol",
      method: "POST",
      rejectUnauthorized: false,
      agent: false,
    };
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    let rootFingerprint = "";
    const sent = request({ ...options, headers, ...tls }, (answer) => {
      const pieces: Buffer[] = [];
      answer.on("data", (piece: Buffer) => pieces.push(piece));
      answer.on("end", () => {
        const text = Buffer.concat(pieces).toString();
        resolve({ status: answer.statusCode ?? 0, body: JSON.parse(text), rootFingerprint });
      });
    });
    sent.on("socket", (socket) => {
      socket.on("secureConnect", () => {
        if (socket instanceof TLSSocket) rootFingerprint = rootFingerprintOf(socket);
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
