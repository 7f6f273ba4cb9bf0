/**
 * The door through which a node joins, apart from the API: HTTPS, for agents that have no certificate yet. The agent
 * knows the authority's fingerprint from its token and checks it before it sends the token. One that has a certificate
 * announces itself here with it when no server asks for it: so a server that lost its database finds its nodes again.
 *
 * Wrong tokens are counted per address: 256 bits cannot be guessed, but each guess costs a signature check.
 */
import { PROTOCOL_VERSION } from "@muster/agent-api/agent";
import type { Fleet } from "@muster/control/fleet";
import { ERROR_RULES, errorView, MusterError } from "@muster/model/errors";
import fastify, { type FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { z } from "zod";
import { announcerOf } from "./announce.ts";
import type { Authority, Identity } from "./authority.ts";
import { refusedByFastify } from "./refusal.ts";

const BODY_MAX_BYTES = 16 * 1024;
const FAILURES_MAX = 30;
const FAILURES_WINDOW_MS = 60_000;
/** So many addresses are remembered at once; beyond that the oldest is forgiven. */
const ADDRESSES_MAX = 10_000;

const nodeSchema = z.object({
  protocolVersion: z.number().int(),
  address: z
    .string()
    .regex(/^(\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9.-]{1,253}):[0-9]{1,5}$/, "must be host:port")
    // What looks like one and cannot be called (port 99999, host 1.2.3.4.5) would be a node that nobody ever hears.
    .refine((text) => URL.canParse(`https://${text}`) && !text.endsWith(":0"), "must be an address that can be called"),
  hostname: z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/, "must be a host name"),
  simulated: z.boolean(),
});
const requestSchema = nodeSchema.extend({
  token: z.string().max(200, "is too long"),
  csrPem: z.string().max(8_000, "is too long"),
});

export interface EnrolmentParts {
  authority: Authority;
  identity: Identity;
  enrolment: Pick<Fleet["enrolment"], "claim" | "announce">;
  nowMs(): number;
  log: Logger;
}

export function createEnrolment(parts: EnrolmentParts): FastifyInstance {
  const { authority, identity, log } = parts;
  const failures = countFailures(parts.nowMs);
  const app = fastify({
    https: {
      key: identity.keyPem,
      cert: `${identity.certificatePem}\n${authority.caPem}`, // the chain, so that the fingerprint can be checked
      minVersion: "TLSv1.3",
      handshakeTimeout: 10_000,
      requestCert: true, // announce.ts judges it; who has none may enrol
      rejectUnauthorized: false,
    },
    logger: false,
    bodyLimit: BODY_MAX_BYTES,
    requestTimeout: 10_000,
    forceCloseConnections: true,
  });
  app.setErrorHandler(async (error, request, reply) => {
    const view = errorView(refusedByFastify(error));
    if (view.code === "token_invalid") failures.add(request.ip);
    log.warn({ from: request.ip, code: view.code, err: error }, "enrolment refused");
    return reply.code(ERROR_RULES[view.code].http).send({ error: view });
  });
  app.post("/enrol", async (request) => {
    if (failures.tooMany(request.ip)) {
      throw new MusterError("overloaded", "Too many wrong tokens came from this address; wait a minute.");
    }
    const input = parsedRequest(requestSchema, request.body);
    const { csrPem, ...node } = input;
    const claim = { ...node, publicKeySha256: authority.publicKeySha256(csrPem) };
    const { nodeId, name, certificatePem } = await parts.enrolment.claim(claim, (id) => authority.signNode(id, csrPem));
    log.info({ nodeId, name, address: input.address, simulated: input.simulated }, "node enrolled");
    return { nodeId, certificatePem, caPem: authority.caPem };
  });
  app.post("/announce", async (request) => {
    const nodeId = announcerOf(request.raw.socket, { caPem: authority.caPem, nowMs: parts.nowMs() });
    const { protocolVersion: _, ...node } = parsedRequest(nodeSchema, request.body);
    const state = await parts.enrolment.announce({ nodeId, ...node });
    log.info({ nodeId, address: node.address, state }, "a node announced itself");
    return { state };
  });
  return app;
}

function parsedRequest<Request extends z.infer<typeof nodeSchema>>(schema: z.ZodType<Request>, body: unknown): Request {
  const parsed = schema.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue?.path.join(".") ?? "";
    throw new MusterError("invalid_input", `${field} ${issue?.message}`.trim(), { cause: parsed.error, field });
  }
  const theirs = parsed.data.protocolVersion;
  if (theirs !== PROTOCOL_VERSION) {
    throw new MusterError(
      "protocol_mismatch",
      `The agent speaks protocol ${theirs}, this server speaks ${PROTOCOL_VERSION}.`,
    );
  }
  return parsed.data;
}

function countFailures(nowMs: () => number) {
  const byAddress = new Map<string, { sinceMs: number; count: number }>();
  const current = (address: string) => {
    const entry = byAddress.get(address);
    return entry !== undefined && nowMs() - entry.sinceMs < FAILURES_WINDOW_MS ? entry : undefined;
  };
  return {
    tooMany: (address: string): boolean => (current(address)?.count ?? 0) >= FAILURES_MAX,
    add: (address: string): void => {
      const entry = current(address) ?? { sinceMs: nowMs(), count: 0 };
      byAddress.delete(address);
      byAddress.set(address, { ...entry, count: entry.count + 1 });
      const oldest = byAddress.keys().next();
      if (byAddress.size > ADDRESSES_MAX && oldest.done !== true) byAddress.delete(oldest.value);
    },
  };
}
