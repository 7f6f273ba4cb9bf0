import { systemClock } from "@muster/control/clock";
import { databaseAccess } from "@muster/control/database-access";
import { createTokenStore } from "@muster/control/tokens/store";
import { createFirstRun } from "@muster/control/tokens/tokens";
import { openDatabase } from "@muster/db/client";
import { createTestDatabase } from "@muster/db/testing/database";
import { MusterError } from "@muster/model/errors";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Administrator } from "./accounts.ts";
import { CALLER_ADDRESS_HEADER, createAuth, trustedOrigins } from "./auth.ts";
import { createAccounts } from "./create-accounts.ts";

const PUBLIC_URL = "http://127.0.0.1:8080";
const ADA: Administrator = { name: "Ada", email: "Ada@example.org", password: "correct horse battery" };

async function open() {
  const own = await createTestDatabase();
  const database = openDatabase(own.url, { maxConnections: 8 });
  const auth = createAuth({ database: database.prisma, publicUrl: PUBLIC_URL, secret: "s".repeat(43), log: () => {} });
  const firstRun = createFirstRun(createTokenStore(databaseAccess(database), systemClock));
  const accounts = createAccounts({ auth, firstRun, publicUrl: PUBLIC_URL, nowMs: Date.now });
  const signIn = (body: object, from = "192.0.2.1") => {
    const headers = { "content-type": "application/json", origin: PUBLIC_URL, [CALLER_ADDRESS_HEADER]: from };
    const url = `${PUBLIC_URL}/api/auth/sign-in/email`;
    return auth.handler(new Request(url, { method: "POST", headers, body: JSON.stringify(body) }));
  };
  const close = async () => {
    await database.close();
    await own.drop();
  };
  return { auth, firstRun, accounts, database, signIn, close };
}
type Opened = Awaited<ReturnType<typeof open>>;

const codeOf = (error: unknown) => (error instanceof MusterError ? error.code : String(error));
const cookieOf = (answer: Response) =>
  answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");

describe("setup", () => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());

  test("is refused with a wrong token", async () => {
    expect(await opened.accounts.setupNeeded()).toBe(true);
    await opened.firstRun.issueToken();
    const wrong = opened.accounts.completeSetup({ ...ADA, token: "A".repeat(43) });
    expect(await wrong.catch(codeOf)).toBe("token_invalid");
  });

  test("at the same time by many makes one administrator, and tells the others so", async () => {
    const token = (await opened.firstRun.issueToken()) ?? "";
    const tries = Array.from({ length: 6 }, (_, index) =>
      opened.accounts.completeSetup({ ...ADA, email: `ada${index}@example.org`, token }).then(() => "made", codeOf),
    );
    const outcomes = await Promise.all(tries);
    expect(outcomes.filter((outcome) => outcome === "made")).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === "state_conflict" || outcome === "token_invalid")).toHaveLength(5);
    expect(await opened.database.prisma.user.count()).toBe(1);
  });

  test("is over then: no new token, and no second administrator", async () => {
    expect(await opened.accounts.setupNeeded()).toBe(false);
    expect(await opened.firstRun.issueToken()).toBeNull();
    const again = opened.accounts.completeSetup({ ...ADA, token: "A".repeat(43) });
    expect(await again.catch(codeOf)).toBe("state_conflict");
  });
});

describe("an administrator", () => {
  let opened: Opened;
  let cookie: string;
  beforeAll(async () => {
    opened = await open();
    await opened.accounts.completeSetup({ ...ADA, token: (await opened.firstRun.issueToken()) ?? "" });
  });
  afterAll(() => opened.close());

  test("signs in with e-mail and password, in any case of letters, and is known by the cookie", async () => {
    const answer = await opened.signIn({ email: "ADA@example.org", password: ADA.password });
    expect(answer.status).toBe(200);
    expect(answer.headers.getSetCookie().join()).toMatch(/HttpOnly.*SameSite=Lax/i);
    cookie = cookieOf(answer);
    const session = await opened.accounts.sessionOf(new Headers({ cookie }));
    expect(session).toMatchObject({ name: "Ada", email: "ada@example.org", role: "administrator", via: "session" });
  });

  test("is nobody where the request comes from another site's page", async () => {
    const headers = (origin: string) => new Headers({ cookie, origin });
    expect(await opened.accounts.sessionOf(headers("http://vps.example.org"))).toBeNull();
    expect(await opened.accounts.sessionOf(headers(PUBLIC_URL))).not.toBeNull();
  });

  test("is nobody after sign-out, though the cookie is kept", async () => {
    const headers = { cookie, origin: PUBLIC_URL, "content-type": "application/json" };
    await opened.auth.handler(new Request(`${PUBLIC_URL}/api/auth/sign-out`, { method: "POST", headers, body: "{}" }));
    expect(await opened.accounts.sessionOf(new Headers({ cookie }))).toBeNull();
  });

  test("cannot be made by signing up", async () => {
    const url = `${PUBLIC_URL}/api/auth/sign-up/email`;
    const headers = { "content-type": "application/json", origin: PUBLIC_URL };
    const body = JSON.stringify({ ...ADA, email: "eve@example.org" });
    const answer = await opened.auth.handler(new Request(url, { method: "POST", headers, body }));
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(await opened.database.prisma.user.count()).toBe(1);
  });

  test("whose password is guessed at is shut to that address after 20 tries, and to no other", async () => {
    const guess = () => opened.signIn({ email: ADA.email, password: "not the password" }, "192.0.2.66");
    const statuses: number[] = [];
    for (let tries = 0; tries < 21; tries += 1) statuses.push((await guess()).status);
    expect(statuses.slice(0, 20)).toEqual(Array(20).fill(401));
    expect(statuses[20]).toBe(429);
    const elsewhere = await opened.signIn({ email: ADA.email, password: ADA.password }, "192.0.2.67");
    expect(elsewhere.status).toBe(200);
  });

  test("has API keys that are shown once, noted when used, and refused once revoked", async () => {
    const { id: userId } = await opened.database.prisma.user.findFirstOrThrow({ select: { id: true } });
    const { id, key } = await opened.accounts.createApiKey({ userId, name: "backup script" });
    expect(key).toMatch(/^muster_[A-Za-z0-9_-]{43}$/);
    const withKey = () => opened.accounts.sessionOf(new Headers({ "x-api-key": key }));

    expect(await withKey()).toMatchObject({ userId, via: "apiKey" });
    await expect.poll(async () => (await opened.accounts.listApiKeys(userId))[0]?.lastUsedAt).not.toBeNull();
    const [listed] = await opened.accounts.listApiKeys(userId);
    expect(listed).toMatchObject({ id, name: "backup script", start: key.slice(0, 11) });
    const rows = await opened.database.prisma.apiKey.findMany();
    expect(JSON.stringify(rows)).not.toContain(key);

    await opened.accounts.revokeApiKey({ userId, id });
    expect(await withKey()).toBeNull();
    expect(await opened.accounts.revokeApiKey({ userId, id }).catch(codeOf)).toBe("not_found");
  });

  test.each([
    ["nothing", ""],
    ["a word", "x"],
    ["a prefix", "muster_"],
    ["a key that was never made", `muster_${"A".repeat(43)}`],
    ["a piece of SQL", "' OR 1=1 --"],
    ["a flood", "m".repeat(100_000)],
  ])("is nobody with %s as a key", async (_title, key) => {
    expect(await opened.accounts.sessionOf(new Headers({ "x-api-key": key }))).toBeNull();
  });
});

test("when the database is gone nobody is told to sign in: it says database_unavailable", async () => {
  const opened = await open();
  await opened.close();
  const key = `muster_${"A".repeat(43)}`;
  expect(await opened.accounts.sessionOf(new Headers({ "x-api-key": key })).catch(codeOf)).toBe("database_unavailable");
  const cookie = "muster.session_token=abc.def";
  const answer = await opened.accounts.sessionOf(new Headers({ cookie })).catch(codeOf);
  expect([null, "database_unavailable"]).toContain(answer); // a cookie that we did not sign is not even asked about
});

test("a console on loopback answers to loopback's names, any other to exactly its own", () => {
  expect(trustedOrigins("http://localhost:8080")).toContain("http://127.0.0.1:8080");
  expect(trustedOrigins("https://muster.example.org")).toEqual(["https://muster.example.org"]);
});
