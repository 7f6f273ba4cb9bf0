/**
 * Who this node is: its id, its key and its certificate, in one file that only the agent reads.
 *
 * Before it asks for them it lays its key and the token by, in a file beside that one: an agent or a server that is
 * killed between the spending of the token and the writing of the identity would otherwise have paid for nothing.
 */
import { generateKeyPairSync } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { nodeIdSchema } from "@muster/model/ids";
import { z } from "zod";

const identitySchema = z.object({
  nodeId: nodeIdSchema,
  certificatePem: z.string(),
  keyPem: z.string(),
  caPem: z.string(),
});
export type NodeIdentity = z.infer<typeof identitySchema>;

const attemptSchema = z.object({ token: z.string(), keyPem: z.string() });
type EnrolmentAttempt = z.infer<typeof attemptSchema>;

/** Null before the first enrolment. */
export const readIdentity = (path: string): Promise<NodeIdentity | null> => readJson(path, identitySchema);

/** On the disk, whole, when it returns: the token that it was bought with is spent. */
export const writeIdentity = (path: string, identity: NodeIdentity): Promise<void> => writeJson(path, identity);

const attemptPath = (path: string) => `${path}.attempt`;

/** The enrolment that was begun for the identity at this path and may not have come to its end. */
export const readAttempt = (path: string): Promise<EnrolmentAttempt | null> =>
  readJson(attemptPath(path), attemptSchema);

/** @returns what was written: the token, and the key of the attempt before or else a new one. */
export async function beginAttempt(path: string, token: string): Promise<EnrolmentAttempt> {
  const keyPem = (await readAttempt(path))?.keyPem ?? newKey();
  await writeJson(attemptPath(path), { token, keyPem });
  return { token, keyPem };
}

/** Once the identity is on the disk, which holds the key from then on. */
export const endAttempt = (path: string): Promise<void> => rm(attemptPath(path), { force: true });

function newKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

async function readJson<Value>(path: string, schema: z.ZodType<Value>): Promise<Value | null> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  return text === null ? null : schema.parse(JSON.parse(text));
}

async function writeJson(path: string, value: NodeIdentity | EnrolmentAttempt): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const fresh = `${path}.new`;
  const file = await open(fresh, "w", 0o600);
  try {
    await file.writeFile(JSON.stringify(value));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, path);
}
