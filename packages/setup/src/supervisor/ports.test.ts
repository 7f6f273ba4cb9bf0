import { createServer, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import { parseEnvironment } from "./environment.ts";
import { portSentence, refuseDoublePorts, requireFreePorts, wantedPorts } from "./ports.ts";

let server: Server | null = null;
afterEach(() => server?.close());

async function usedPort(): Promise<number> {
  const listening = createServer();
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const address = listening.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

test("a port in use is named with the variable that moves it", async () => {
  const port = await usedPort();
  const wanted = [{ variable: "MUSTER_CONSOLE_LISTEN", host: "127.0.0.1", port }];
  await expect(requireFreePorts(wanted, 0)).rejects.toThrow(
    `Port ${port} is in use on 127.0.0.1. Stop what uses it, or set MUSTER_CONSOLE_LISTEN.`,
  );
});

test("a port that becomes free in time is no refusal", async () => {
  const port = await usedPort();
  setTimeout(() => server?.close(), 300);
  await requireFreePorts([{ variable: "MUSTER_CONSOLE_LISTEN", host: "127.0.0.1", port }], 5_000);
});

test("two variables with one port are told apart before anything starts", () => {
  const environment = parseEnvironment({ MUSTER_SERVER_LISTEN: "127.0.0.1:8084" }, true);
  expect(() => refuseDoublePorts(wantedPorts(environment))).toThrow("both name port 8084");
});

test("with a database of one's own the embedded one's port is nobody's", () => {
  const environment = parseEnvironment({ DATABASE_URL: "postgresql://u@h/d" }, true);
  expect(wantedPorts(environment).map((port) => port.variable)).not.toContain("MUSTER_DATABASE_PORT");
});

test.each([
  ["EACCES", "reserved for root"],
  ["EADDRNOTAVAIL", "no address of this machine"],
  ["EWHATEVER", "EWHATEVER"],
])("%s is said in words", (code, words) => {
  expect(portSentence({ variable: "MUSTER_SERVER_LISTEN", host: "10.0.0.1", port: 80 }, code)).toContain(words);
});
