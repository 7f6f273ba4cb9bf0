/**
 * better-auth, set up for one administrator: e-mail and password, no sign-up, no cookie cache (rights are asked
 * of the database at every request), no telemetry.
 *
 * API keys are a table of our own (api-keys-store.ts). Its plugin @better-auth/api-key 1.7.5 was tried: it pins
 * better-call 1.4.0 where better-auth 1.7.25 has 1.4.5, so two copies of the core are loaded and the types clash,
 * and it writes the key's row twice at every call, which queues a script's parallel calls behind one row lock.
 */
import type { BetterAuthPlugin } from "better-auth";
import { prismaAdapter } from "better-auth/adapters/prisma";
import { betterAuth } from "better-auth/minimal";

/** The server sets it from the connection and strips what a caller sent under this name. */
export const CALLER_ADDRESS_HEADER = "x-muster-caller-address";
export const AUTH_BASE_PATH = "/api/auth";

export interface AuthOptions {
  /** The Prisma client, or a transaction of one. */
  database: object;
  /** What browsers type: cookies and origins follow from it. */
  publicUrl: string;
  secret: string;
  log(level: "warn" | "error", message: string, detail: unknown): void;
}

export const databaseAdapter = (database: object) => prismaAdapter(database, { provider: "postgresql" });

/** Tells better-auth's adapter of the table; it adds no route. */
const apiKeyTable = {
  id: "muster-api-keys",
  schema: {
    apiKey: {
      fields: {
        userId: { type: "string", required: true },
        name: { type: "string", required: true },
        start: { type: "string", required: true },
        keySha256: { type: "string", required: true, unique: true },
        createdAt: { type: "date", required: true },
        lastUsedAt: { type: "date", required: false },
      },
    },
  },
} as const satisfies BetterAuthPlugin;

/** A loopback console answers to both of loopback's names; anything else to exactly its own. */
export function trustedOrigins(publicUrl: string): string[] {
  const url = new URL(publicUrl);
  if (!["127.0.0.1", "localhost", "[::1]"].includes(url.hostname)) return [url.origin];
  const port = url.port === "" ? "" : `:${url.port}`;
  return ["127.0.0.1", "localhost", "[::1]"].map((host) => `${url.protocol}//${host}${port}`);
}

export function createAuth(options: AuthOptions) {
  return betterAuth({
    appName: "Muster",
    baseURL: options.publicUrl,
    basePath: AUTH_BASE_PATH,
    secret: options.secret,
    database: databaseAdapter(options.database),
    trustedOrigins: trustedOrigins(options.publicUrl),
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 12, maxPasswordLength: 128 },
    session: { expiresIn: 7 * 24 * 3600, updateAge: 24 * 3600, cookieCache: { enabled: false } },
    // Guesses count per address and in the database, so that a restart forgives nobody.
    rateLimit: {
      enabled: true,
      storage: "database",
      window: 60,
      max: 300,
      customRules: { "/sign-in/email": { window: 60, max: 20 } },
    },
    advanced: {
      cookiePrefix: "muster",
      useSecureCookies: new URL(options.publicUrl).protocol === "https:",
      defaultCookieAttributes: { httpOnly: true, sameSite: "lax" },
      ipAddress: { ipAddressHeaders: [CALLER_ADDRESS_HEADER] },
    },
    plugins: [apiKeyTable],
    telemetry: { enabled: false },
    logger: {
      level: "warn",
      log: (level, message, ...detail) => options.log(level === "error" ? "error" : "warn", message, detail),
    },
  });
}

export type Auth = ReturnType<typeof createAuth>;
