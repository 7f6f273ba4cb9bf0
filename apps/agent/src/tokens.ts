/** Enrolment: an identity from the disk, or one bought with the next token. */
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { MusterError } from "@muster/model/errors";
import type { Logger } from "pino";
import type { EnrolRequest } from "./enrol.ts";
import type { Environment } from "./env.ts";
import { beginAttempt, endAttempt, type NodeIdentity, readAttempt, readIdentity, writeIdentity } from "./identity.ts";

/** A server that is being started answers within seconds; one that is gone for good is the operator's to know. */
const TRIES = 60;
const BETWEEN_MS = 1000;

export interface Joining {
  environment: Environment;
  log: Logger;
  /** Aborted when the agent is told to stop. */
  signal: AbortSignal;
}

type JoiningNode = Pick<EnrolRequest, "hostname" | "simulated">;
export type IdentityOf = (path: string, node: JoiningNode) => Promise<NodeIdentity>;

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

  const buy = async (path: string, node: JoiningNode, token: string): Promise<NodeIdentity> => {
    const attempt = await beginAttempt(path, token);
    const asked = { url: environment.enrolUrl, listen: environment.listen, ...attempt, ...node };
    const identity = await enrolPatiently(asked, log, signal);
    await writeIdentity(path, identity);
    log.info({ nodeId: identity.nodeId, hostname: node.hostname, simulated: node.simulated }, "enrolled");
    return identity;
  };

  /** With the token of an attempt that was cut short, which may be spent already, but for this very key. */
  const buyAgain = async (path: string, node: JoiningNode): Promise<NodeIdentity | null> => {
    const attempt = await readAttempt(path);
    if (attempt === null) return null;
    try {
      return await buy(path, node, attempt.token);
    } catch (error) {
      if (!(error instanceof MusterError) || error.code !== "token_invalid") throw error;
      log.warn({ hostname: node.hostname, err: error }, "the token of the last attempt is no longer good");
      return null;
    }
  };

  return async (path, node) => {
    const identity =
      (await readIdentity(path)) ?? (await buyAgain(path, node)) ?? (await buy(path, node, await nextToken()));
    await endAttempt(path);
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
