import { contextOf, fleetThatAnswers } from "@muster/api/test-context";
import type { FleetHealth } from "@muster/control/fleet";
import { pino } from "pino";
import { expect, test } from "vitest";
import { createHttp, type HttpParts } from "./http.ts";

function partsWith(health: FleetHealth, lines: string[] = []): HttpParts {
  const { accounts, closed } = contextOf({});
  return {
    fleet: fleetThatAnswers({ health: async () => health }),
    accounts,
    authHandler: async (request) =>
      Response.json({ from: request.headers.get("x-muster-caller-address") }, { status: 401 }),
    publicUrl: "http://127.0.0.1:8080",
    closed,
    log: pino({ level: "info" }, { write: (line: string) => lines.push(line) }),
  };
}

const AWAY: FleetHealth = { database: "unavailable", nodes: { total: 0, healthy: 0 } };

test("/healthz is 503 while the database is away", async () => {
  const app = await createHttp(partsWith(AWAY));
  const answer = await app.inject("/healthz");
  expect(answer.statusCode).toBe(503);
  expect(answer.json()).toMatchObject({ status: "degraded", database: "unavailable" });
});

test("a caller cannot say whose address it has; the console on this machine can", async () => {
  const app = await createHttp(partsWith(AWAY));
  const from = async (remoteAddress: string, headers: Record<string, string>) =>
    (await app.inject({ method: "POST", url: "/api/auth/sign-out", remoteAddress, headers, payload: {} })).json().from;
  const lies = { "x-forwarded-for": "192.0.2.9", "x-muster-caller-address": "192.0.2.9" };
  expect(await from("198.51.100.7", lies)).toBe("198.51.100.7");
  expect(await from("127.0.0.1", { "x-forwarded-for": "198.51.100.7" })).toBe("198.51.100.7");
  expect(await from("127.0.0.1", { "x-forwarded-for": "192.0.2.9, 198.51.100.7" })).toBe("198.51.100.7");
});

test("the log has path, status and request id, and nothing of what was asked or sent", async () => {
  const lines: string[] = [];
  const app = await createHttp(partsWith(AWAY, lines));
  const headers = { "x-api-key": "muster_secret", cookie: "muster.session_token=secret" };
  await app.inject({ url: "/trpc/vps.list?input=%7B%22search%22%3A%22secret%22%7D", headers });
  const [line = ""] = lines.filter((text) => text.includes("answered"));
  expect(JSON.parse(line)).toMatchObject({ method: "GET", path: "/trpc/vps.list", status: 401 });
  expect(line).not.toContain("secret");
});
