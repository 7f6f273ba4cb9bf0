/**
 * Enrolment and first-run tokens: 256 random bits, of which the database keeps only the SHA-256. (A slow hash is
 * for what people choose; nobody guesses 2^256.) An enrolment token carries the fingerprint of the CA's certificate
 * in front, so that an agent knows whom to trust before it says anything.
 */
import { createHash, randomBytes, X509Certificate } from "node:crypto";
import { MusterError } from "@muster/model/errors";
import { newId } from "@muster/model/ids";
import type { Clock } from "../clock.ts";
import type { Fleet } from "../fleet.ts";
import type { TokenStore } from "./store.ts";

export const ENROLMENT_TOKEN_MS = 3_600_000;

const ENROLMENT_TOKEN = /^muster1\.[0-9a-f]{64}\.([A-Za-z0-9_-]{43})$/;
const SECRET = /^[A-Za-z0-9_-]{43}$/;

const newSecret = () => randomBytes(32).toString("base64url");
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

export function createEnrolment(tokens: TokenStore, clock: Clock, caPem: string): Fleet["enrolment"] {
  const fingerprint = createHash("sha256").update(new X509Certificate(caPem).raw).digest("hex");
  return {
    async createToken({ actor }) {
      const secret = newSecret();
      const expiresAtMs = clock.nowMs() + ENROLMENT_TOKEN_MS;
      await tokens.addEnrolment({ secretSha256: sha256(secret), createdBy: actor, expiresAtMs });
      return { token: `muster1.${fingerprint}.${secret}`, expiresAt: new Date(expiresAtMs).toISOString() };
    },

    async claim({ token, ...node }, sign) {
      const secret = ENROLMENT_TOKEN.exec(token)?.[1];
      if (secret === undefined)
        throw new MusterError("token_invalid", "The enrolment token is wrong, used or expired.");
      const id = newId("n", (bytes) => crypto.getRandomValues(bytes));
      const { nodeId, name, signed } = await tokens.claimEnrolment(sha256(secret), { id, ...node }, sign);
      return { nodeId, name, certificatePem: signed };
    },
  };
}

export function createFirstRun(tokens: TokenStore): Fleet["firstRun"] {
  return {
    needed: async () => !(await tokens.administratorExists()),

    async issueToken() {
      if (await tokens.administratorExists()) return null;
      const secret = newSecret();
      await tokens.replaceFirstRun(sha256(secret));
      return secret;
    },

    async complete(token, makeAdministrator) {
      if (!SECRET.test(token))
        throw new MusterError("token_invalid", "The first-run token is wrong or was replaced by a newer one.");
      return await tokens.completeFirstRun(sha256(token), makeAdministrator);
    },
  };
}
