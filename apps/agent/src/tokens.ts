/** Enrolment: an identity from the disk, or one bought with the next token. */
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { MusterError } from "@muster/model/errors";
import type { Logger } from "pino";
import type { EnrolRequest } from "./enrol.ts";
import type { Environment } from "./env.ts";
import { type NodeIdentity, readIdentity, writeIdentity } from "./identity.ts";

/** A server that is being started answers within seconds; one that is gone for good is the operator's to know. */
const TRIES = 60;
const BETWEEN_MS = 1000;

export interface Joining {
  environment: Environment;
  log: Logger;
  /** Aborted when the agent is told to stop. */
  signal: AbortSignal;
}

export type IdentityOf = (path: string, node: Pick<EnrolRequest, "hostname" | "simulated">) => Promise<NodeIdentity>;

/** @returns a function that uses up one token for each identity that is not there yet. */
export function joiner({ environment, log, signal }: Joining): IdentityOf {
  let tokens: Promise<string[]> | null = null;

  const nextToken = async (): Promise<string> => {
    tokens ??= readTokens(environment);
    const token = (await tokens).shift();
    if (token !== undefined) return token;
    throw new MusterError(
      "token_invalid",
      "This node has no identity yet and no token is left: set MUSTER_ENROL_TOKEN to one from the console.",
    );
  };

  return async (path, node) => {
    const known = await readIdentity(path);
    if (known !== null) return known;
    const asked = { url: environment.enrolUrl, token: await nextToken(), listen: environment.listen, ...node };
    const identity = await enrolPatiently(asked, log, signal);
    await writeIdentity(path, identity);
    log.info({ nodeId: identity.nodeId, hostname: node.hostname, simulated: node.simulated }, "enrolled");
    return identity;
  };
}

async function readTokens({ enrolToken, enrolTokenFile }: Environment): Promise<string[]> {
  const file = enrolTokenFile === undefined ? "" : await readFile(enrolTokenFile, "utf8").catch(() => "");
  return [...(enrolToken === undefined ? [] : [enrolToken]), ...file.split("\n")]
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

async function enrolPatiently(asked: EnrolRequest, log: Logger, signal: AbortSignal): Promise<NodeIdentity> {
  // Once in the life of a node: the 8 MB of X.509 that it needs are not carried along for ever.
  const { enrol } = await import("./enrol.ts");
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await enrol(asked);
    } catch (error) {
      const mayPass = error instanceof MusterError && error.code === "node_unreachable";
      if (!mayPass || attempt >= TRIES) throw error;
      log.warn({ url: asked.url, err: error }, "the server does not answer yet");
      await sleep(BETWEEN_MS, undefined, { signal });
    }
  }
}
