/** Who this node is: its id, its key and its certificate, in one file that only the agent reads. */
import { mkdir, open, readFile, rename } from "node:fs/promises";
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

/** Null before the first enrolment. */
export async function readIdentity(path: string): Promise<NodeIdentity | null> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  return text === null ? null : identitySchema.parse(JSON.parse(text));
}

/** On the disk, whole, when it returns: the token that it was bought with is spent. */
export async function writeIdentity(path: string, identity: NodeIdentity): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const fresh = `${path}.new`;
  const file = await open(fresh, "w", 0o600);
  try {
    await file.writeFile(JSON.stringify(identity));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, path);
}
