import { expect, test } from "vitest";
import { parseEnvironment, publicUrl, VARIABLE_NAMES } from "./environment.ts";

test("an empty environment gives the documented defaults", () => {
  const environment = parseEnvironment({}, true);
  expect(environment.MUSTER_DATA_DIR).toBe("/var/lib/muster");
  expect(environment.MUSTER_CONSOLE_LISTEN).toEqual({ host: "127.0.0.1", port: 8080 });
  expect(environment.DATABASE_URL).toBeUndefined();
  expect(publicUrl(environment)).toBe("http://127.0.0.1:8080");
});

test("without root the data directory is the user's own", () => {
  expect(parseEnvironment({}, false).MUSTER_DATA_DIR).toMatch(/\.local\/share\/muster$/);
});

test("an empty variable counts as not set", () => {
  expect(parseEnvironment({ MUSTER_DATA_DIR: "", DATABASE_URL: "" }, true).MUSTER_DATA_DIR).toBe("/var/lib/muster");
});

test("a misspelt variable is said to be unknown, not ignored", () => {
  expect(() => parseEnvironment({ MUSTER_DATADIR: "/x" }, true)).toThrow("no environment variable MUSTER_DATADIR");
});

test("variables of the tests are nobody's typing mistake", () => {
  expect(() => parseEnvironment({ MUSTER_TEST_DATABASE_URL: "x" }, true)).not.toThrow();
});

test.each([
  ["MUSTER_CONSOLE_LISTEN", "8080", "HOST:PORT"],
  ["MUSTER_CONSOLE_LISTEN", "127.0.0.1:0", "HOST:PORT"],
  ["MUSTER_CONSOLE_LISTEN", "127.0.0.1:65536", "HOST:PORT"],
  ["MUSTER_DATA_DIR", "data", "absolute path"],
  ["MUSTER_DATABASE_PORT", "-1", "whole number"],
  ["MUSTER_DATABASE_PORT", "80e3", "whole number"],
  ["MUSTER_POOL_BYTES", "12", "whole number"],
  ["MUSTER_PUBLIC_URL", "javascript:alert(1)", "http or https"],
  ["MUSTER_BRIDGE", "--help", "network interface"],
  ["MUSTER_BRIDGE", "a-name-of-16-char", "network interface"],
  ["MUSTER_NETWORK", "10.0.0.0/31", "IPv4 network"],
  ["MUSTER_LOG_LEVEL", "loud", "expected one of"],
  ["MUSTER_SIMULATE", "101", "whole number"],
  ["DATABASE_URL", "mysql://x", "postgresql://"],
])("%s=%s is refused in one sentence", (name, value, part) => {
  expect(() => parseEnvironment({ [name]: value }, true)).toThrow(
    new RegExp(`${name}.*${part.replaceAll("/", "\\/")}`, "i"),
  );
});

test("IPv6 addresses keep their brackets in the public address and lose them for listening", () => {
  const environment = parseEnvironment({ MUSTER_CONSOLE_LISTEN: "[::1]:8080" }, true);
  expect(environment.MUSTER_CONSOLE_LISTEN.host).toBe("::1");
  expect(publicUrl(environment)).toBe("http://[::1]:8080");
});

test("nobody can type a wildcard address into a browser", () => {
  expect(publicUrl(parseEnvironment({ MUSTER_CONSOLE_LISTEN: "0.0.0.0:8080" }, true))).toBe("http://127.0.0.1:8080");
});

test("every variable is known by its name", () => {
  expect(VARIABLE_NAMES).toContain("DATABASE_URL");
  expect(VARIABLE_NAMES.filter((name) => !name.startsWith("MUSTER_"))).toEqual(["DATABASE_URL"]);
});
