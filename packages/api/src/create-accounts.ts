/**
 * Accounts over better-auth. Setup is not left to it: it has no sign-up here, and the one administrator is
 * written by its adapter inside the serialisable transaction that spends the first-run token.
 */

import { randomUUID } from "node:crypto";
import type { Fleet } from "@muster/control/fleet";
import { MusterError } from "@muster/model/errors";
import { hashPassword } from "better-auth/crypto";
import { z } from "zod";
import type { Accounts, Administrator, Session } from "./accounts.ts";
import { createApiKey, listApiKeys, revokeApiKey, userIdOfKey } from "./api-keys-store.ts";
import { type Auth, databaseAdapter, trustedOrigins } from "./auth.ts";

const API_KEY_HEADER = "x-api-key";

const userSchema = z.object({ id: z.string(), name: z.string(), email: z.string() });

export interface AccountsOptions {
  auth: Auth;
  firstRun: Pick<Fleet["firstRun"], "needed" | "complete">;
  publicUrl: string;
  nowMs(): number;
}

export function createAccounts({ auth, firstRun, publicUrl, nowMs }: AccountsOptions): Accounts {
  const ownOrigins = trustedOrigins(publicUrl);
  return {
    sessionOf: (headers) =>
      asking(() => {
        const key = headers.get(API_KEY_HEADER);
        return key === null ? sessionOfCookie(auth, headers, ownOrigins) : sessionOfKey(auth, key, nowMs());
      }),
    setupNeeded: () => firstRun.needed(),
    completeSetup: ({ token, ...administrator }) =>
      firstRun.complete(token, (transaction) => makeAdministrator(transaction, administrator)),
    listApiKeys: (userId) => asking(() => listApiKeys(auth, userId)),
    createApiKey: (input) => asking(() => createApiKey(auth, input)),
    revokeApiKey: (input) => asking(() => revokeApiKey(auth, input)),
  };
}

/** All of these ask only the database; what goes wrong in them beside our own errors is the database's. */
async function asking<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof MusterError) throw error;
    throw new MusterError("database_unavailable", "The accounts cannot be read just now.", { cause: error });
  }
}

/**
 * A cookie counts only where the request came from our own pages. SameSite does not see to it: a VPS at
 * vps1.example.org is the same site as a console at console.example.org.
 */
async function sessionOfCookie(auth: Auth, headers: Headers, ownOrigins: readonly string[]): Promise<Session | null> {
  if (!headers.has("cookie")) return null;
  const origin = headers.get("origin");
  if (origin !== null && !ownOrigins.includes(origin)) return null;
  const found = await auth.api.getSession({ headers });
  return found === null ? null : sessionView(found.user, "session");
}

async function sessionOfKey(auth: Auth, key: string, nowMs: number): Promise<Session | null> {
  const userId = await userIdOfKey(auth, key, nowMs);
  if (userId === null) return null;
  const { internalAdapter } = await auth.$context;
  const user = await internalAdapter.findUserById(userId);
  return user === null ? null : sessionView(user, "apiKey");
}

/** What better-auth's own sign-up would write, in the caller's transaction. */
async function makeAdministrator(transaction: object, administrator: Administrator): Promise<void> {
  const adapter = databaseAdapter(transaction)({});
  const now = new Date();
  const userId = randomUUID();
  const password = await hashPassword(administrator.password);
  const { name } = administrator;
  const email = administrator.email.toLowerCase(); // as better-auth looks it up
  await adapter.create({
    model: "user",
    forceAllowId: true,
    data: { id: userId, name, email, emailVerified: false, createdAt: now, updatedAt: now },
  });
  await adapter.create({
    model: "account",
    data: { accountId: userId, providerId: "credential", userId, password, createdAt: now, updatedAt: now },
  });
}

function sessionView(user: unknown, via: Session["via"]): Session {
  const { id, name, email } = userSchema.parse(user);
  return { userId: id, name, email, role: "administrator", via };
}
