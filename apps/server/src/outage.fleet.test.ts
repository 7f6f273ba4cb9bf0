/** PostgreSQL is stopped under a running server, and started again: what callers see, and that nothing need be restarted. */
import { refusalOf } from "@muster/client";
import { type CuttableProxy, cuttableProxy } from "@muster/control/testing/cuttable-proxy";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PASSWORD, startTestServer, type TestServer } from "./test-server.ts";

let proxy: CuttableProxy;
let server: TestServer;

beforeAll(async () => {
  server = await startTestServer(async (databaseUrl) => {
    proxy = await cuttableProxy(databaseUrl);
    return proxy.url;
  });
});
afterAll(async () => {
  await server?.close();
  await proxy?.close();
});

const healthz = async () => (await fetch(`${server.url}/healthz`)).status;
const signIn = () =>
  fetch(`${server.url}/api/auth/sign-in/email`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: server.url },
    body: JSON.stringify({ email: "ada@example.org", password: PASSWORD }),
  });

test("without its database every caller is told so by a code, and nobody is told to sign in", async () => {
  expect(await healthz()).toBe(200);
  await proxy.cut();
  await expect.poll(healthz, { timeout: 15_000 }).toBe(503);
  expect(await server.muster.session.me.query().catch(refusalOf)).toMatchObject({ code: "database_unavailable" });
  const withCookie = await server.call("apiKeys.create", { name: "x" }, { cookie: server.cookie });
  expect(withCookie.status).toBe(503);
  const answer = await signIn();
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ error: { code: "database_unavailable" } });
});

test("when it is back everything is served again, the same key and cookie included", async () => {
  await proxy.mend();
  await expect.poll(healthz, { timeout: 15_000 }).toBe(200);
  expect(await server.muster.session.me.query()).toMatchObject({ via: "apiKey" });
  expect((await server.call("apiKeys.create", { name: "x" }, { cookie: server.cookie })).status).toBe(200);
  expect((await signIn()).status).toBe(200);
  await expect
    .poll(async () => (await server.muster.nodes.get.query({ nodeId: server.nodeId })).health, { timeout: 15_000 })
    .toBe("healthy");
});
