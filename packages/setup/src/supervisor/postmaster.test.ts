import { expect, test } from "vitest";
import { judgePostmaster } from "./postmaster.ts";

const DIRECTORY = "/var/lib/muster/postgres/data";
const FILE = `4242\n${DIRECTORY}\n1790000000\n8084\n\n127.0.0.1\n`;
const nothing = () => null;

test("no file, no postmaster", () => {
  expect(judgePostmaster(null, DIRECTORY, nothing)).toEqual({ state: "none" });
});

test("a file whose process is gone is stale", () => {
  expect(judgePostmaster(FILE, DIRECTORY, nothing)).toEqual({ state: "stale", pid: 4242 });
});

test("a number that something else has by now is stale", () => {
  const editor = () => ({ command: "vim", directory: DIRECTORY });
  expect(judgePostmaster(FILE, DIRECTORY, editor)).toEqual({ state: "stale", pid: 4242 });
});

test("a PostgreSQL of another directory is not ours, and is never signalled", () => {
  const other = () => ({ command: "postgres", directory: "/var/lib/postgresql/15/main" });
  expect(judgePostmaster(FILE, DIRECTORY, other)).toEqual({ state: "stale", pid: 4242 });
});

test("our own that outlived its supervisor is alive", () => {
  const own = () => ({ command: "postgres", directory: DIRECTORY });
  expect(judgePostmaster(FILE, DIRECTORY, own)).toEqual({ state: "alive", pid: 4242 });
});

test.each(["", "\n", "-1\n", "x\n"])("a file with %j in it is stale", (file) => {
  expect(judgePostmaster(file, DIRECTORY, nothing).state).toBe("stale");
});
