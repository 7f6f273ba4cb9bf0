/** Who may come in: the one administrator, their sessions, and the API keys of scripts. Made in create-accounts.ts. */
import { z } from "zod";
import { textSchema } from "./text.ts";

export const sessionSchema = z.object({
  userId: z.string(),
  name: z.string(),
  email: z.string(),
  role: z.literal("administrator"),
  via: z.enum(["session", "apiKey"]),
});
export type Session = z.infer<typeof sessionSchema>;

export const apiKeySchema = z.object({
  id: z.string(),
  name: z.string(),
  /** The first characters, so that one key can be told from another. */
  start: z.string(),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
});
export type ApiKey = z.infer<typeof apiKeySchema>;

export const administratorSchema = z.object({
  name: textSchema(100).trim().min(1, "must not be empty"),
  email: z.email("must be an e-mail address").max(254, "must be at most 254 characters"),
  // NIST SP 800-63B asks for length, not for kinds of characters; the upper bound keeps the hash affordable.
  password: z.string().min(12, "must be at least 12 characters").max(128, "must be at most 128 characters"),
});
export type Administrator = z.infer<typeof administratorSchema>;

export interface Accounts {
  /** The caller, by session cookie or `x-api-key`; null for nobody. */
  sessionOf(headers: Headers): Promise<Session | null>;
  setupNeeded(): Promise<boolean>;
  /** token_invalid, state_conflict (there is an administrator already) */
  completeSetup(input: Administrator & { token: string }): Promise<void>;
  listApiKeys(userId: string): Promise<ApiKey[]>;
  /** The key itself is shown this once; only its hash is stored. */
  createApiKey(input: { userId: string; name: string }): Promise<{ id: string; key: string }>;
  /** not_found */
  revokeApiKey(input: { userId: string; id: string }): Promise<void>;
}
