/**
 * How a node says that it is there, when no server has asked it for a while: over mutual TLS, with its own certificate.
 *
 * That certificate may only serve (authority.ts has why), so OpenSSL does not take it for a client's, and it is judged
 * here: signed by our authority, valid now, and made out to the node that it is shown for. That the other side holds its
 * key, the handshake has proved: TLS 1.3 signs it, whatever is thought of the certificate (RFC 8446 section 4.4.3).
 */
import { X509Certificate } from "node:crypto";
import { TLSSocket } from "node:tls";
import { MusterError } from "@muster/model/errors";
import { nodeIdSchema } from "@muster/model/ids";

/** @returns the node's id. */
export function announcerOf(socket: unknown, { caPem, nowMs }: { caPem: string; nowMs: number }): string {
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  if (certificate === undefined)
    throw new MusterError("unauthenticated", "A node announces itself with its certificate.");
  const authority = new X509Certificate(caPem);
  const ours = certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
  const valid = certificate.validFromDate.getTime() <= nowMs && nowMs < certificate.validToDate.getTime();
  // One common name and nothing beside it: a line for each part of a name.
  const nodeId = nodeIdSchema.safeParse(certificate.subject.replace(/^CN=/, ""));
  if (ours && valid && nodeId.success && !certificate.ca) return nodeId.data;
  throw new MusterError("forbidden", "The certificate is not a node's of this server's authority.");
}
