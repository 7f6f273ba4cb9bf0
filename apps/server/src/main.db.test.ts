/** The program itself: what it says and how it ends. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestDatabase, type TestDatabase } from "@muster/db/testing/database";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { freePort } from "./test-server.ts";

let directory: string;
let database: TestDatabase;
const children: ChildProcess[] = [];
const listeners: Server[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "muster-main-"));
  database = await createTestDatabase();
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  for (const listener of listeners.splice(0)) listener.close();
});
afterAll(async () => {
  await database.drop();
  await rm(directory, { recursive: true, force: true });
});

/** A port that is taken as long as the test runs. */
async function takenPort(): Promise<number> {
  const listener = createServer().listen(0, "127.0.0.1");
  listeners.push(listener);
  await once(listener, "listening");
  return z.object({ port: z.number() }).parse(listener.address()).port;
}

async function environment(extra: Record<string, string> = {}): Promise<Record<string, string>> {
  return {
    PATH: process.env["PATH"] ?? "",
    DATABASE_URL: database.url,
    MUSTER_DATA_DIR: directory,
    MUSTER_SERVER_LISTEN: `127.0.0.1:${await freePort()}`,
    MUSTER_ENROL_LISTEN: `127.0.0.1:${await freePort()}`,
    ...extra,
  };
}

function run(env: Record<string, string>) {
  const child = fork(join(import.meta.dirname, "main.ts"), {
    env,
    execArgv: [],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  children.push(child);
  let said = "";
  child.stderr?.on("data", (piece: Buffer) => {
    said += piece.toString();
  });
  const ended = once(child, "exit").then(([code]) => ({ code, said }));
  return { child, ended };
}

async function runUntilReady(env: Record<string, string>) {
  const { child, ended } = run(env);
  const first = await Promise.race([once(child, "message").then(([message]) => message), ended]);
  expect(first).toMatchObject({ ready: true });
  return { child, ended };
}

describe("the server refuses to start, in one sentence and with exit code 2", () => {
  test("with a variable that is wrong", async () => {
    const { code, said } = await run(await environment({ MUSTER_LOG_LEVEL: "loud" })).ended;
    expect(code).toBe(2);
    expect(said).toMatch(/^muster-server: MUSTER_LOG_LEVEL must be one of [^\n]+\n$/);
  });

  test("on a database that lacks migrations", async () => {
    const bare = new URL(database.url);
    bare.pathname = "/postgres";
    const { code, said } = await run(await environment({ DATABASE_URL: bare.href })).ended;
    expect(code).toBe(2);
    expect(said).toMatch(/^muster-server: The database lacks \d+ migrations [^\n]+\n$/);
  });

  test("without its database", async () => {
    const away = `postgresql://muster@127.0.0.1:${await freePort()}/muster`;
    const { code, said } = await run(await environment({ DATABASE_URL: away })).ended;
    expect(code).toBe(2);
    expect(said).toMatch(/^muster-server: [^\n]*ECONNREFUSED[^\n]*\n$/);
  });

  test("on a port that is in use, and names the variable to set", async () => {
    const port = await takenPort();
    const { code, said } = await run(await environment({ MUSTER_ENROL_LISTEN: `127.0.0.1:${port}` })).ended;
    expect(code).toBe(2);
    expect(said).toContain(`Port ${port} of 127.0.0.1 is in use; set MUSTER_ENROL_LISTEN to another.`);
  });
});

describe("the server ends within 5 s", () => {
  async function endsInOrder(ended: Promise<{ code: number }>): Promise<void> {
    const sinceMs = performance.now();
    expect((await ended).code).toBe(0);
    expect(performance.now() - sinceMs).toBeLessThan(5_000);
  }

  test("when it is told to", async () => {
    const { child, ended } = await runUntilReady(await environment());
    child.kill("SIGTERM");
    await endsInOrder(ended);
  });

  test("when whoever started it is gone", async () => {
    const { child, ended } = await runUntilReady(await environment());
    child.disconnect();
    await endsInOrder(ended);
  });

  test("when whoever started it was gone before it was ready", async () => {
    const { child, ended } = run(await environment());
    child.disconnect();
    expect((await ended).code).toBe(0);
  });
});
