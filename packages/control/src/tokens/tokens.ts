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
import { newJobId } from "../jobs/job-id.ts";
import { newJob } from "../jobs/store.ts";
import { OPERATIONS } from "../operations/registry.ts";
import type { Runner } from "../operations/runner.ts";
import type { EnrolJob, TokenStore } from "./store.ts";

export const ENROLMENT_TOKEN_MS = 3_600_000;

const ENROLMENT_TOKEN = /^muster1\.[0-9a-f]{64}\.([A-Za-z0-9_-]{43})$/;
const SECRET = /^[A-Za-z0-9_-]{43}$/;

const newSecret = () => randomBytes(32).toString("base64url");
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

export interface TokenOptions {
  tokens: TokenStore;
  clock: Clock;
  caPem: string;
}

export async function issueEnrolmentToken({ tokens, clock, caPem }: TokenOptions, actor: string) {
  const fingerprint = createHash("sha256").update(new X509Certificate(caPem).raw).digest("hex");
  const secret = newSecret();
  const expiresAtMs = clock.nowMs() + ENROLMENT_TOKEN_MS;
  await tokens.addEnrolment({ secretSha256: sha256(secret), createdBy: actor, expiresAtMs });
  return { token: `muster1.${fingerprint}.${secret}`, expiresAt: new Date(expiresAtMs).toISOString() };
}

export interface EnrolmentOptions extends TokenOptions {
  /** Where agents ask, as they reach it. */
  enrolUrl: string;
  /** The database was lost: a node with a certificate of this fleet gets its place back. */
  adopt: boolean;
  runner: Pick<Runner, "wake">;
}

/** Stands in the history for the server itself, which takes back what a lost database knew. */
export const ADOPT_ACTOR = "adopt";

const KIND = "node.enrol";

const enrolJob: EnrolJob = ({ id, name, address, actor }) =>
  newJob(
    {
      id: newJobId(),
      ...{ kind: KIND, actor, nodeId: id, nodeName: name, vpsId: null, vpsName: null },
      input: { nodeId: id, address },
    },
    OPERATIONS[KIND].steps,
  );

export function createEnrolment(options: EnrolmentOptions): Fleet["enrolment"] {
  const { tokens, enrolUrl, runner } = options;
  const readmit = options.adopt ? { job: enrolJob, actor: ADOPT_ACTOR } : null;
  return {
    createToken: async ({ actor }) => ({ ...(await issueEnrolmentToken(options, actor)), enrolUrl }),

    async claim({ token, ...node }, sign) {
      const secret = ENROLMENT_TOKEN.exec(token)?.[1];
      if (secret === undefined)
        throw new MusterError("token_invalid", "The enrolment token is wrong, used or expired.");
      const id = newId("n", (bytes) => crypto.getRandomValues(bytes));
      const claim = { sign, job: enrolJob };
      const { nodeId, name, signed } = await tokens.claimEnrolment(sha256(secret), { id, ...node }, claim);
      runner.wake();
      return { nodeId, name, certificatePem: signed };
    },

    async announce({ nodeId, ...node }) {
      const told = await tokens.announced({ id: nodeId, ...node }, readmit);
      if (told === "removed") throw new MusterError("forbidden", REMOVED);
      if (told === "unknown") throw new MusterError("forbidden", UNKNOWN);
      if (told === "readmitted") runner.wake();
      return told;
    },
  };
}

const REMOVED = "This node was removed from the fleet; it joins again with a new token.";
const UNKNOWN =
  "This server does not know this node. If the server's database was lost, start the server with --adopt.";

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
