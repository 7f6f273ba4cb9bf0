/**
 * API keys as rows. A key is 256 random bits, so a plain SHA-256 keeps it (no salt, no slow hash: nothing can be
 * guessed), and one indexed read finds it. When it was last used is written once a minute and never waited for.
 */
import { createHash, randomBytes } from "node:crypto";
import { MusterError } from "@muster/model/errors";
import { z } from "zod";
import type { ApiKey } from "./accounts.ts";
import type { Auth } from "./auth.ts";

const PREFIX = "muster_"; // so that secret scanners and people know one when they see it
const SHOWN_CHARACTERS = PREFIX.length + 4;
const KEY_SHAPE = /^muster_[A-Za-z0-9_-]{43}$/;
const LAST_USE_RESOLUTION_MS = 60_000;
const LISTED_MAX = 500;

const rowSchema = z.object({
  id: z.string(),
  userId: z.string(),
  name: z.string(),
  start: z.string(),
  createdAt: z.date(),
  lastUsedAt: z.date().nullable(),
});

const sha256 = (key: string) => createHash("sha256").update(key).digest("hex");

/** The user whose key it is; null for what is no key, or no longer one. */
export async function userIdOfKey(auth: Auth, key: string, nowMs: number): Promise<string | null> {
  if (!KEY_SHAPE.test(key)) return null;
  const { adapter, logger } = await auth.$context;
  const found = await adapter.findOne({ model: "apiKey", where: [{ field: "keySha256", value: sha256(key) }] });
  if (found === null) return null;
  const row = rowSchema.parse(found);
  if (nowMs - (row.lastUsedAt?.getTime() ?? 0) > LAST_USE_RESOLUTION_MS) {
    const where = [{ field: "id", value: row.id }];
    adapter
      .updateMany({ model: "apiKey", where, update: { lastUsedAt: new Date(nowMs) } })
      .catch((error: unknown) => logger.warn("the last use of an API key was not noted", error));
  }
  return row.userId;
}

export async function listApiKeys(auth: Auth, userId: string): Promise<ApiKey[]> {
  const { adapter } = await auth.$context;
  const rows = await adapter.findMany({
    model: "apiKey",
    where: [{ field: "userId", value: userId }],
    sortBy: { field: "createdAt", direction: "desc" },
    limit: LISTED_MAX,
  });
  return z.array(rowSchema).parse(rows).map(view);
}

export async function createApiKey(auth: Auth, input: { userId: string; name: string }) {
  const key = PREFIX + randomBytes(32).toString("base64url");
  const { adapter } = await auth.$context;
  const made = await adapter.create({
    model: "apiKey",
    data: { ...input, start: key.slice(0, SHOWN_CHARACTERS), keySha256: sha256(key), createdAt: new Date() },
  });
  return { id: rowSchema.partial().required({ id: true }).parse(made).id, key };
}

export async function revokeApiKey(auth: Auth, input: { userId: string; id: string }): Promise<void> {
  const { adapter } = await auth.$context;
  const where = [
    { field: "id", value: input.id },
    { field: "userId", value: input.userId },
  ];
  const removed = await adapter.deleteMany({ model: "apiKey", where });
  if (removed === 0) throw new MusterError("not_found", "There is no such API key.");
}

function view(row: z.infer<typeof rowSchema>): ApiKey {
  return {
    id: row.id,
    name: row.name,
    start: row.start,
    createdAt: row.createdAt.toISOString(),
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  };
}
