import { expect, test } from "vitest";
import { originOf, parseEnv } from "./env.ts";

test("without a word the console listens and asks where the README says", () => {
  expect(parseEnv({})).toEqual({
    consoleListen: { host: "127.0.0.1", port: 8080 },
    serverListen: { host: "127.0.0.1", port: 8081 },
    logLevel: "info",
  });
});

test("a wrong variable is named in the sentence", () => {
  expect(() => parseEnv({ MUSTER_CONSOLE_LISTEN: "8080" })).toThrow(/^MUSTER_CONSOLE_LISTEN must be host:port/);
  expect(() => parseEnv({ MUSTER_SERVER_LISTEN: "localhost:70000" })).toThrow(/^MUSTER_SERVER_LISTEN must have a port/);
});

test("an IPv6 address is bracketed in a URL and bare for a socket", () => {
  const { serverListen } = parseEnv({ MUSTER_SERVER_LISTEN: "[::1]:9000" });
  expect(serverListen).toEqual({ host: "::1", port: 9000 });
  expect(originOf(serverListen)).toBe("http://[::1]:9000");
});
