/** The whole server with a simulated node beside it, used as a script uses it: over HTTP, with a key. */
import { appRouter } from "@muster/api/root";
import { PUBLIC_PATHS } from "@muster/api/trpc";
import { createClient, type MusterClient, refusalOf } from "@muster/client";
import { JobFailed, waitForJob } from "@muster/client/wait-for-job";
import { LIMIT_NAMES } from "@muster/model/limits/registry";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { type Call, PASSWORD, resultOf, startTestServer, type TestServer } from "./test-server.ts";

let server: TestServer;
let url: string;
let cookie: string;
let call: Call;
let muster: MusterClient;
let nodeId: string;

beforeAll(async () => {
  server = await startTestServer();
  ({ url, cookie, call, muster, nodeId } = server);
});
afterAll(() => server?.close());

const specOf = (name: string, address: string) => ({
  name,
  template: "busybox",
  address,
  limits: { "memory.max": 64 * 2 ** 20, "disk.max": 256 * 2 ** 20 },
});

describe("a script", () => {
  test("finds the node that joined, healthy and called simulated", async () => {
    await expect
      .poll(async () => (await muster.nodes.get.query({ nodeId })).health, { timeout: 10_000 })
      .toBe("healthy");
    const { items } = await muster.nodes.list.query();
    expect(items).toMatchObject([{ id: nodeId, name: "sim-01", simulated: true }]);
  });

  test("creates a VPS, waits for the job, runs a program in it, stops and deletes it", async () => {
    const { address } = await muster.vps.suggestAddress.query({ nodeId });
    const seen: string[] = [];
    const { jobId, vpsId } = await muster.vps.create.mutate({ nodeId, spec: specOf("web-1", address ?? "") });
    const job = await waitForJob(muster, jobId, { onChange: ({ state }) => seen.push(state) });
    expect(job.state).toBe("succeeded");
    expect(job.steps.every(({ state }) => state === "done")).toBe(true);
    expect(await muster.vps.get.query({ vpsId })).toMatchObject({ state: "running", simulated: true });
    expect((await muster.vps.allocations.query({ vpsId })).items).toHaveLength(LIMIT_NAMES.length);
    expect(await muster.vps.exec.mutate({ vpsId, argv: ["hostname"], timeoutMs: 5_000 })).toMatchObject({
      exitCode: 0,
    });

    await waitForJob(muster, (await muster.vps.stop.mutate({ vpsId })).jobId);
    await waitForJob(muster, (await muster.vps.delete.mutate({ vpsId })).jobId);
    const gone = await muster.vps.get.query({ vpsId }).catch(refusalOf);
    expect(gone).toMatchObject({ code: "not_found" });
  });

  test("is told what was wrong with its input, where, and under which id the log has it", async () => {
    const spec = specOf("--help", "10.80.0.20");
    const refusal = await muster.vps.create.mutate({ nodeId, spec }).catch(refusalOf);
    expect(refusal).toMatchObject({ code: "invalid_input", field: "spec.name", requestId: expect.stringMatching(/-/) });
  });

  test("sees rates: the last minutes first, then a point a second", async () => {
    const types: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const subscription = muster.metrics.nodeLive.subscribe(
        { nodeId },
        {
          onData: ({ type }) => {
            types.push(type);
            if (types.length < 3) return;
            subscription.unsubscribe();
            resolve();
          },
          onError: reject,
        },
      );
    });
    expect(types).toEqual(["history", "point", "point"]);
  });

  test("that waits for a job which fails is told why, and that everything was taken back", async () => {
    const spec = specOf("sim-fail-start", "10.80.0.30");
    const { jobId, vpsId } = await muster.vps.create.mutate({ nodeId, spec });
    const failed = await waitForJob(muster, jobId).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(JobFailed);
    expect(failed).toMatchObject({ job: { state: "failed", error: { code: "engine_failed" } } });
    expect(await muster.vps.get.query({ vpsId }).catch(refusalOf)).toMatchObject({ code: "not_found" });
  });

  test("stops waiting when it is told to", async () => {
    const spec = specOf("sim-slow-create", "10.80.0.31");
    const { jobId } = await muster.vps.create.mutate({ nodeId, spec });
    const waiting = waitForJob(muster, jobId, { signal: AbortSignal.timeout(200) });
    await expect(waiting).rejects.toMatchObject({ name: "TimeoutError" });
  });

  test("that was cut off goes on after the last event it saw, and misses none", async () => {
    const first = await eventsOf(undefined, 3);
    const rest = await eventsOf(first[0]?.id, 3); // it may be told again what it saw, never too little
    expect(rest).toEqual(expect.arrayContaining(first.slice(1)));
  });
});

/** The next so many changes of jobs, from the beginning or after the given one. */
function eventsOf(lastEventId: string | undefined, count: number): Promise<{ id: string }[]> {
  return new Promise((resolve, reject) => {
    const events: { id: string }[] = [];
    const subscription = muster.jobs.watch.subscribe(
      { lastEventId: lastEventId ?? "0" },
      {
        onData: ({ id }) => {
          events.push({ id });
          if (events.length < count) return;
          subscription.unsubscribe();
          resolve(events.slice(0, count));
        },
        onError: reject,
      },
    );
  });
}

describe("a key that was revoked", () => {
  let key: string;
  beforeAll(async () => {
    const made = await call("apiKeys.create", { name: "short-lived" }, { cookie });
    const granted = resultOf(made.body, z.object({ id: z.string(), key: z.string() }));
    key = granted.key;
    const other = createClient({ url, apiKey: key });
    expect(await other.session.me.query()).toMatchObject({ via: "apiKey", email: "ada@example.org" });
    await muster.apiKeys.revoke.mutate({ id: granted.id });
  });

  const procedures = Object.entries(z.record(z.string(), z.unknown()).parse({ ...appRouter._def.procedures }));
  const typeSchema = z.custom<{ _def: { type: string } }>();
  test.each(procedures.filter(([path]) => !PUBLIC_PATHS.includes(path)))(
    "opens %s no more",
    async (path, procedure) => {
      const method = typeSchema.parse(procedure)._def.type === "mutation" ? "POST" : "GET";
      const headers = { "x-api-key": key, "content-type": "application/json" };
      const answer = await fetch(`${url}/trpc/${path}`, {
        method,
        headers,
        ...(method === "POST" ? { body: "{}" } : {}),
      });
      // A stream has begun by then, with status 200; the refusal is its one event.
      expect([200, 401]).toContain(answer.status);
      expect(await answer.text()).toContain('"code":"unauthenticated"');
    },
  );
});

describe("over HTTP", () => {
  test("/healthz tells of the database and the nodes", async () => {
    const answer = await fetch(`${url}/healthz`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      status: "ok",
      database: "available",
      nodes: { total: 1, healthy: 1 },
    });
  });

  test("every answer forbids to be framed, sniffed or kept", async () => {
    const { headers } = await call("setup.complete", {});
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
  });

  test("a cookie that a foreign page sends along is worth nothing", async () => {
    const ask = (origin: string) => call("apiKeys.create", { name: "by a page" }, { cookie, origin });
    expect((await ask("http://10.80.0.10")).status).toBe(401);
    expect((await ask(url)).status).toBe(200);
  });

  test.each(["/api/auth/sign-up/email", "/api/auth/update-user", "/api/auth/change-password", "/api/auth/get-session"])(
    "%s does not exist",
    async (path) => {
      const answer = await fetch(`${url}${path}`, { method: "POST", headers: { cookie, origin: url } });
      expect(answer.status).toBe(404);
    },
  );

  test("signing in gives a cookie that no script of a page can read, and its token nowhere else", async () => {
    const answer = await fetch(`${url}/api/auth/sign-in/email`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: url },
      body: JSON.stringify({ email: "ada@example.org", password: PASSWORD }),
    });
    expect(answer.headers.getSetCookie().join()).toMatch(/^muster\.session_token=.*HttpOnly/);
    expect(await answer.json()).toEqual({ ok: true });
  });

  test("a body beyond the limit is refused, and the next request is served", async () => {
    const flood = { junk: "x".repeat(2 * 1024 * 1024) };
    const { status, body } = await call("vps.create", flood, { cookie, origin: url });
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { code: "invalid_input" } });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });
});
